//! The monitor that a window is on, asked of the system: the toolkit does not say.

use egui::Vec2;
use raw_window_handle::{HasWindowHandle, RawWindowHandle};

/// A window, as the system names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemWindow(isize);

impl SystemWindow {
    /// The window that this is a handle of, where the system can be asked about it.
    pub(super) fn of(window: &impl HasWindowHandle) -> Option<Self> {
        let id = match window.window_handle().ok()?.as_raw() {
            RawWindowHandle::Xlib(window) => isize::try_from(window.window).ok()?,
            RawWindowHandle::Xcb(window) => isize::try_from(window.window.get()).ok()?,
            RawWindowHandle::Win32(window) => window.hwnd.get(),
            _ => return None,
        };
        Some(Self(id))
    }

    /// Width and height in pixels of what a window can have of its monitor. `None` where that cannot be known.
    pub(super) fn monitor_pixels(self) -> Option<Vec2> {
        system::monitor_pixels(self.0)
    }
}

#[cfg(target_os = "linux")]
mod system {
    use egui::{Rect, Vec2, pos2, vec2};
    use x11rb::connection::Connection;
    use x11rb::protocol::randr::ConnectionExt as _;
    use x11rb::protocol::xproto::ConnectionExt as _;

    /// Of monitors beside each other that with the middle of the window; without any, the whole screen.
    pub(super) fn monitor_pixels(window: isize) -> Option<Vec2> {
        monitor_pixels_on(None, window)
    }

    /// The same on the display of this name.
    fn monitor_pixels_on(display: Option<&str>, window: isize) -> Option<Vec2> {
        let window = u32::try_from(window).ok()?;
        let (connection, screen) = x11rb::connect(display).ok()?;
        let screen = connection.setup().roots.get(screen)?;
        let place = connection.get_geometry(window).ok()?.reply().ok()?;
        let root =
            connection.translate_coordinates(window, screen.root, 0, 0).ok()?.reply().ok()?;
        let corner = pos2(f32::from(root.dst_x), f32::from(root.dst_y));
        let middle = corner + vec2(f32::from(place.width), f32::from(place.height)) / 2.0;
        let monitors = connection.randr_get_monitors(screen.root, true);
        let monitors = monitors.ok().and_then(|monitors| monitors.reply().ok());
        let places = monitors.into_iter().flat_map(|monitors| monitors.monitors).map(|monitor| {
            let corner = pos2(f32::from(monitor.x), f32::from(monitor.y));
            Rect::from_min_size(corner, vec2(f32::from(monitor.width), f32::from(monitor.height)))
        });
        let distance = |place: &Rect| place.distance_sq_to_pos(middle);
        let nearest = places.min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let whole = vec2(f32::from(screen.width_in_pixels), f32::from(screen.height_in_pixels));
        Some(nearest.map_or(whole, |place| place.size()))
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use x11rb::protocol::randr::MonitorInfo;
        use x11rb::protocol::xproto::WindowClass;
        use x11rb::wrapper::ConnectionExt as _;

        #[test]
        fn the_monitor_is_that_with_the_middle_of_the_window() {
            let (_server, display) = erbium_tests::screen::screen().expect("a screen");
            let (connection, number) = x11rb::connect(Some(&display)).expect("connects");
            let root = connection.setup().roots[number].root;
            let make = |parent: u32, x: i16| {
                let window = connection.generate_id().expect("an id");
                let (depth, class, visual) = (0, WindowClass::INPUT_OUTPUT, 0);
                let size = (200, 100);
                let made = connection.create_window(
                    depth,
                    window,
                    parent,
                    x,
                    10,
                    size.0,
                    size.1,
                    0,
                    class,
                    visual,
                    &Default::default(),
                );
                made.expect("sent").check().expect("made");
                window
            };
            // The second is in the first, as in a host's.
            let outer = make(root, 900);
            let inner = make(outer, 0);
            let pixels = |window: u32| {
                monitor_pixels_on(Some(&display), isize::try_from(window).expect("fits"))
            };
            assert_eq!(pixels(inner), Some(vec2(1280.0, 900.0)));
            for (name, x, width) in [("left", 0, 800), ("right", 800, 480)] {
                let name = connection.intern_atom(false, name.as_bytes()).expect("sent");
                let monitor = MonitorInfo {
                    name: name.reply().expect("a name").atom,
                    x,
                    width,
                    height: 900,
                    ..MonitorInfo::default()
                };
                connection.randr_set_monitor(root, monitor).expect("sent").check().expect("set");
            }
            connection.sync().expect("done");
            assert_eq!(pixels(inner), Some(vec2(480.0, 900.0)));
            assert_eq!(pixels(make(root, 100)), Some(vec2(800.0, 900.0)));
            assert_eq!(pixels(1), None, "no window");
            assert_eq!(monitor_pixels_on(Some(":no display"), 1), None);
        }
    }
}

#[cfg(target_os = "windows")]
mod system {
    use crate::editor::view::cast::single;
    use egui::{Vec2, vec2};
    use windows_sys::Win32::Graphics::Gdi::{
        GetMonitorInfoW, MONITOR_DEFAULTTONEAREST, MONITORINFO, MonitorFromWindow,
    };

    /// The nearest monitor, without its task bar.
    pub(super) fn monitor_pixels(window: isize) -> Option<Vec2> {
        let mut info = MONITORINFO {
            cbSize: u32::try_from(size_of::<MONITORINFO>()).ok()?,
            ..MONITORINFO::default()
        };
        let window = std::ptr::with_exposed_provenance_mut(window.cast_unsigned());
        // SAFETY: both take any handle, be it of no window or monitor; `info` says its size and outlives the call.
        let known = unsafe {
            let monitor = MonitorFromWindow(window, MONITOR_DEFAULTTONEAREST);
            GetMonitorInfoW(monitor, &raw mut info)
        };
        let length = |from: i32, to: i32| single(f64::from(to) - f64::from(from));
        let work = info.rcWork;
        (known != 0).then(|| vec2(length(work.left, work.right), length(work.top, work.bottom)))
    }
}

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
mod system {
    use egui::Vec2;

    pub(super) const fn monitor_pixels(_: isize) -> Option<Vec2> {
        None
    }
}
