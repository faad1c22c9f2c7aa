//! The standalone program's window on a virtual screen.

use anyhow::{Context, Result, bail, ensure};
use erbium_tests::prerequisites;
use erbium_tests::screen::{Running, missing, screen};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long anything may take to appear: software drawing on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where to leave a picture of the window, if anywhere.
const PICTURE: &str = "ERBIUM_PICTURE";

/// The id of the program's visible window.
fn window(display: &str, program: &mut Running) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = program.0.try_wait()? {
            bail!("the program ended before it showed a window ({status})");
        }
        let found = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", "Erbium"])
            .env("DISPLAY", display)
            .output()
            .with_context(|| missing("xdotool"))?;
        if let Some(id) = String::from_utf8_lossy(&found.stdout).lines().next() {
            return Ok(id.to_owned());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!("no window named Erbium appeared");
}

/// A picture of the window: its width and height in pixels, then rows of red, green and blue.
struct Picture {
    size: [usize; 2],
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// Reads a PPM file, whose header is three lines: its kind, width and height, and the white.
    fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path)?;
        let mut parts = bytes.splitn(4, |&byte| byte == b'\n');
        let mut part = || parts.next().context("not a whole PPM picture");
        let (kind, size, white, pixels) = (part()?, part()?, part()?, part()?);
        ensure!(kind == b"P6" && white == b"255", "not a PPM picture of 8 bits");
        let size = std::str::from_utf8(size)?.split_once(' ').context("not a PPM picture")?;
        let size = [size.0.parse()?, size.1.parse()?];
        let rgb: Vec<_> = pixels.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect();
        ensure!(rgb.len() == size[0] * size[1], "the picture is cut short");
        Ok(Self { size, rgb })
    }

    fn colours(&self) -> usize {
        self.rgb.iter().collect::<BTreeSet<_>>().len()
    }

    /// How many pixels of a region have a colour.
    fn count(&self, region: &Region, colour: [u8; 3]) -> usize {
        let has = |x, y| self.rgb[y * self.size[0] + x] == colour;
        region.y.clone().map(|y| region.x.clone().filter(|&x| has(x, y)).count()).sum()
    }

    /// How many pixels of a region differ from another picture of the same size.
    fn changed(&self, other: &Self, region: &Region) -> usize {
        let differs = |x, y| {
            let at = y * self.size[0] + x;
            self.rgb[at] != other.rgb[at]
        };
        let columns = |y| region.x.clone().filter(|&x| differs(x, y)).count();
        region.y.clone().map(columns).sum()
    }
}

/// A part of the window in pixels.
struct Region {
    x: Range<usize>,
    y: Range<usize>,
}

/// The window but for the footer, where the load is told, which is never quite the same.
const WINDOW: Region = Region { x: 0..1100, y: 0..670 };
/// The bank in the header, which nothing done here touches.
const CHOICES: Region = Region { x: 836..992, y: 8..32 };
const BYPASS: Region = Region { x: 1030..1088, y: 8..32 };
const UNDO: Region = Region { x: 305..331, y: 8..32 };
/// The plot of the bands above 0 dB where it is dragged up, and an octave and more to either side.
const DRAGGED: Region = Region { x: 510..610, y: 96..196 };
const BELOW: Region = Region { x: 80..400, y: 96..196 };
const ABOVE: Region = Region { x: 700..930, y: 96..196 };
/// Where the pointer touches nothing: beside the name in the header.
const NOWHERE: [usize; 2] = [700, 20];
/// On the line of 0 dB, where a drag takes hold of the nearest band.
const BAND: [usize; 2] = [559, 204];
const BAND_RAISED: [usize; 2] = [559, 143];
const BYPASS_BUTTON: [usize; 2] = [1058, 20];
const UNDO_BUTTON: [usize; 2] = [318, 20];
const REDO_BUTTON: [usize; 2] = [350, 20];
/// Where the footer has its message, and the colour of a warning.
const MESSAGE: Region = Region { x: 12..900, y: 664..700 };
const WARNING: [u8; 3] = [0xF0, 0x7A, 0x4A];
/// The plot of the bands, and the colour of its handles.
const PLOT: Region = Region { x: 74..940, y: 80..384 };
const HANDLES: [u8; 3] = [0xF5, 0xB0, 0x3E];
/// Two of the tools beside the bands.
const MUTE_TOOL: [usize; 2] = [26, 157];
const DRAW_TOOL: [usize; 2] = [26, 62];

/// One program at a time: what is seen is compared by the clock, on a machine that may have little of it.
static ALONE: Mutex<()> = Mutex::new(());

/// The program's window on the virtual screen.
struct Window {
    display: String,
    id: String,
    picture: PathBuf,
}

impl Window {
    fn look(&self) -> Result<Picture> {
        let status = Command::new("import")
            .args(["-window", &self.id, "-depth", "8"])
            .arg(&self.picture)
            .env("DISPLAY", &self.display)
            .stderr(Stdio::null())
            .status()
            .with_context(|| missing("import"))?;
        ensure!(status.success(), "no picture of the window could be taken");
        Picture::read(&self.picture)
    }

    fn save(&self, path: &Path) -> Result<()> {
        let status = Command::new("convert").arg(&self.picture).arg(path).status();
        ensure!(status.with_context(|| missing("convert"))?.success(), "no picture was written");
        Ok(())
    }

    fn xdotool(&self, arguments: &[&str]) -> Result<()> {
        let status = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .status()
            .with_context(|| missing("xdotool"))?;
        ensure!(status.success(), "xdotool {} failed", arguments.join(" "));
        // The program sees the pointer once a frame.
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    }

    fn point(&self, [x, y]: [usize; 2]) -> Result<()> {
        self.xdotool(&["mousemove", "--window", &self.id, &x.to_string(), &y.to_string()])
    }

    /// Presses the button at one place, releases it at another and leaves.
    fn drag(&self, from: [usize; 2], to: [usize; 2]) -> Result<()> {
        self.point(from)?;
        self.xdotool(&["mousedown", "1"])?;
        self.point(to)?;
        self.xdotool(&["mouseup", "1"])?;
        self.point(NOWHERE)
    }

    /// The first picture that is as wished, or else a complaint.
    fn wait_for(&self, what: &str, wished: impl Fn(&Picture) -> bool) -> Result<Picture> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let picture = self.look()?;
            if wished(&picture) {
                return Ok(picture);
            }
            ensure!(Instant::now() < deadline, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// The picture once it stands still, which without sound it has to.
    fn settled(&self) -> Result<Picture> {
        let last = RefCell::new(self.look()?);
        self.wait_for("the window stands still without sound", |picture| {
            let now = Picture { size: picture.size, rgb: picture.rgb.clone() };
            last.replace(now).changed(picture, &WINDOW) == 0
        })
    }
}

/// Starts the program, which has a person's settings and sound servers in this folder and none else, with
/// what it says in `log.txt`.
fn start(backend: &str, display: &str, folder: &Path) -> Result<Running> {
    let log = folder.join("log.txt");
    let program = Command::new(prerequisites::path(prerequisites::PROGRAM))
        .args(["--backend", backend])
        .env("DISPLAY", display)
        .env_remove("WAYLAND_DISPLAY")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("XDG_CONFIG_HOME", folder.join("settings"))
        .env("JACK_DEFAULT_SERVER", "no-server-of-this-name")
        .env("PIPEWIRE_RUNTIME_DIR", folder)
        .stdin(Stdio::null())
        .stdout(File::create(&log)?)
        .stderr(File::options().append(true).open(&log)?)
        .spawn()?;
    Ok(Running(program))
}

#[test]
fn the_programs_window_is_drawn_and_answers_the_pointer() -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir()?;
    let (_server, display) = screen()?;
    let log = folder.path().join("log.txt");
    let mut program = start("dummy", &display, folder.path())?;
    let said = || format!("the program said {:?}", std::fs::read_to_string(&log).ok());
    let id = window(&display, &mut program).with_context(said)?;
    let window = Window { display, id, picture: folder.path().join("window.ppm") };
    use_window(&window).with_context(said)?;
    if let Some(picture) = std::env::var_os(PICTURE) {
        window.save(Path::new(&picture))?;
    }
    ensure!(program.0.try_wait()?.is_none(), "the program ended by itself\n{}", said());
    ensure!(!std::fs::read_to_string(&log)?.contains("ERROR"), "an error at the start\n{}", said());
    Ok(())
}

/// Whether a window is drawn whole: one that is blank or only cleared has one or two colours, text and curves
/// blend many, and bands there are once their bank is designed.
fn has_bands(picture: &Picture) -> bool {
    picture.colours() >= 16 && picture.count(&PLOT, HANDLES) > 300
}

fn use_window(window: &Window) -> Result<()> {
    window.point(NOWHERE)?;
    let drawn = window.wait_for("the bands are drawn", has_bands)?;
    ensure!(drawn.size == [1100, 700], "the window has {:?} pixels", drawn.size);
    let flat = window.settled()?;
    std::thread::sleep(Duration::from_secs(2));
    let moved = window.look()?.changed(&flat, &WINDOW);
    ensure!(moved == 0, "{moved} pixels change where nothing is done and nothing sounds");

    window.drag(BAND, BAND_RAISED)?;
    window.wait_for("a band dragged up rises", |now| now.changed(&flat, &DRAGGED) > 100)?;
    let raised = window.settled()?;
    for (what, region) in [
        ("the choices", &CHOICES),
        ("Bypass", &BYPASS),
        ("the bands below", &BELOW),
        ("the bands above", &ABOVE),
    ] {
        let changed = raised.changed(&flat, region);
        ensure!(changed == 0, "dragging a band changes {changed} pixels of {what}");
    }

    let lit = raised.changed(&flat, &UNDO);
    ensure!(lit > 20, "Undo does not light up: {lit} pixels change");
    window.drag(UNDO_BUTTON, UNDO_BUTTON)?;
    window.wait_for("Undo takes the drag back", |now| now.changed(&flat, &DRAGGED) == 0)?;
    window.drag(REDO_BUTTON, REDO_BUTTON)?;
    window.wait_for("Redo does it again", |now| now.changed(&raised, &DRAGGED) == 0)?;
    window.drag(MUTE_TOOL, MUTE_TOOL)?;
    window.drag(BAND_RAISED, BAND_RAISED)?;
    window.wait_for("a muted band falls", |now| now.changed(&raised, &DRAGGED) > 100)?;
    window.drag(BAND_RAISED, BAND_RAISED)?;
    window.wait_for("and comes back", |now| now.changed(&raised, &DRAGGED) == 0)?;
    window.drag(DRAW_TOOL, DRAW_TOOL)?;

    let raised = window.settled()?;
    window.drag(BYPASS_BUTTON, BYPASS_BUTTON)?;
    // The whole button is filled.
    window.wait_for("Bypass lights up", |now| now.changed(&raised, &BYPASS) > 700)?;
    let bypassed = window.settled()?;
    let changed = bypassed.changed(&raised, &CHOICES);
    ensure!(changed == 0, "bypassing changes {changed} pixels of the choices");

    window.drag(BYPASS_BUTTON, BYPASS_BUTTON)?;
    window.wait_for("Bypass goes out", |now| now.changed(&raised, &BYPASS) == 0)?;
    Ok(())
}

#[test]
fn a_program_without_its_sound_server_says_so_in_its_window() -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (backend, warns) in [("jack", true), ("dummy", false)] {
        let folder = tempfile::tempdir()?;
        let (_server, display) = screen()?;
        let mut program = start(backend, &display, folder.path())?;
        let said = || {
            format!("the program said {:?}", std::fs::read_to_string(folder.path().join("log.txt")))
        };
        let id = window(&display, &mut program).with_context(said)?;
        let window = Window { display, id, picture: folder.path().join("window.ppm") };
        window.point(NOWHERE)?;
        window.wait_for("the bands are drawn", has_bands).with_context(said)?;
        let told = window.settled()?.count(&MESSAGE, WARNING);
        ensure!((told > 100) == warns, "{backend}: {told} pixels of a warning\n{}", said());
        ensure!(program.0.try_wait()?.is_none(), "the program ended by itself\n{}", said());
    }
    Ok(())
}
