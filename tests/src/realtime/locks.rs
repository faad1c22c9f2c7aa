//! Locks, recognised by the instruction that takes them.
//!
//! A lock that is free is taken by one atomic instruction, inlined anywhere, without any call that could be
//! caught: by comparing the lock's word with "free" and exchanging it for "taken". So each such instruction of
//! the plugin is made a breakpoint, whose handler looks at what is exchanged and then lets it happen.

use super::exchange::{Exchange, Site, sites};
use super::library::Library;
use super::record::Violation;
use super::signals;
use super::watch::{is_watching, note_and};
use anyhow::{Context, Result};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// Set by `cargo xtask sanitize locks`: every test watches locks.
const VARIABLE: &str = "ERBIUM_WATCH_LOCKS";
/// The instruction of a breakpoint.
const BREAKPOINT: u8 = 0xcc;
/// The processor's flag that makes it stop after one instruction.
const TRAP_FLAG: i64 = 0x100;

static IS_WANTED: AtomicBool = AtomicBool::new(false);
/// The breakpoints, in order of their addresses. Each list replaces another one, and all live for ever, as a
/// handler may just look.
static SITES: AtomicPtr<Vec<Site>> = AtomicPtr::new(std::ptr::null_mut());

thread_local! {
    /// The breakpoint whose instruction this thread makes at the moment.
    static PASSED: Cell<usize> = const { Cell::new(0) };
}

/// From now on locks are watched in every plugin that is loaded. Each one that the plugin takes, on whichever
/// thread, then costs some ten microseconds.
pub fn watch_locks() {
    IS_WANTED.store(true, Ordering::SeqCst);
}

/// To be told which library was loaded as a plugin.
///
/// # Errors
/// Where its instructions cannot be read.
pub fn watch_locks_of(library: &Path) -> Result<()> {
    if IS_WANTED.load(Ordering::SeqCst) || std::env::var_os(VARIABLE).is_some() {
        let library = Library::loaded_from(library)?;
        library.keep()?;
        let count = watch(&library)?;
        anyhow::ensure!(count > 20, "{count} instructions of the plugin may take a lock");
    }
    Ok(())
}

/// Watches what holds an address. Returns how many instructions there are.
#[cfg(test)]
pub(super) fn watch_library_of(address: usize) -> Result<usize> {
    watch(&Library::holding(address)?)
}

fn list() -> &'static [Site] {
    let list = SITES.load(Ordering::Acquire);
    // SAFETY: a list lives for ever once it is there.
    unsafe { list.as_ref() }.map_or(&[], Vec::as_slice)
}

fn byte_at(address: usize) -> &'static AtomicU8 {
    let byte = std::ptr::with_exposed_provenance_mut::<u8>(address);
    // SAFETY: it is an instruction of a library that stays loaded, and was made writable.
    unsafe { AtomicU8::from_ptr(byte) }
}

fn watch(library: &Library) -> Result<usize> {
    static HANDLER: Once = Once::new();
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    HANDLER.call_once(|| signals::install(libc::SIGTRAP, on_trap));
    let code = library.code();
    let known = |site: &&Site| code.contains(&site.at);
    if list().iter().find(known).is_some_and(|site| {
        // Else it was unloaded, and is there again as it was.
        byte_at(site.at).load(Ordering::SeqCst) == BREAKPOINT
    }) {
        return Ok(list().iter().filter(known).count());
    }
    let found = sites(library)?;
    let count = found.len();
    let mut sites: Vec<Site> = list().iter().filter(|site| !known(site)).cloned().collect();
    let own: Vec<usize> = found.iter().map(|site| site.at).collect();
    sites.extend(found);
    sites.sort_by_key(|site| site.at);
    SITES.store(Box::into_raw(Box::new(sites)), Ordering::Release);
    library.make_writable().context("cannot set breakpoints in the plugin")?;
    for at in own {
        byte_at(at).store(BREAKPOINT, Ordering::SeqCst);
    }
    drop(guard);
    Ok(count)
}

/// At a breakpoint: notes a lock, and makes the instruction itself the next one. After it: sets the breakpoint
/// again. Another thread that comes meanwhile passes unseen, which matters only to the audio thread, and that is
/// one thread.
extern "C" fn on_trap(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives the state of the thread, which it takes back afterwards.
    let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
    let registers = &mut context.uc_mcontext.gregs;
    let of = |register: c_int| usize::try_from(register).unwrap_or(0);
    let passed = PASSED.replace(0);
    if passed != 0 {
        byte_at(passed).store(BREAKPOINT, Ordering::SeqCst);
        registers[of(libc::REG_EFL)] &= !TRAP_FLAG;
        return;
    }
    let at = registers[of(libc::REG_RIP)].cast_unsigned();
    let Ok(at) = usize::try_from(at - 1) else { return };
    let Ok(site) = list().binary_search_by_key(&at, |site| site.at) else {
        // A breakpoint of somebody else's, as after a failed assertion of C.
        std::process::abort();
    };
    let Site { exchange, first, .. } = &list()[site];
    let value = |number: usize| {
        let register = REGISTERS.get(number).copied().unwrap_or(libc::REG_RAX);
        registers[of(register)].cast_unsigned()
    };
    if is_watching() && takes_a_lock(exchange, value(0), value(exchange.register)) {
        note_and(Violation::Lock, || ());
    }
    byte_at(at).store(*first, Ordering::SeqCst);
    PASSED.set(at);
    registers[of(libc::REG_RIP)] -= 1;
    registers[of(libc::REG_EFL)] |= TRAP_FLAG;
}

/// The registers by the numbers that instructions have for them.
const REGISTERS: [c_int; 16] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RSP,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
];

/// Whether the exchange is one by which a lock is taken: `Mutex` and `RwLock` of the standard library and of
/// `parking_lot`, and the lock of `AtomicCell` for what the processor cannot exchange at once.
const fn takes_a_lock(exchange: &Exchange, old: u64, new: u64) -> bool {
    if !exchange.compares {
        return exchange.bytes == 8 && new == 1;
    }
    match exchange.bytes {
        // parking_lot's mutex, and flags that are spun on.
        1 => matches!((old & 0xff, new & 0xff), (0, 1) | (2, 3)),
        // A mutex; an `RwLock`, to write, or to read as one more of some.
        4 => match (old & 0xffff_ffff, new & 0xffff_ffff) {
            (0, 1 | 2 | 0x3fff_ffff) => true,
            (readers, more) => more == readers + 1 && readers < 64,
        },
        // parking_lot's `RwLock`: to write, to read, and as one more reader.
        8 => matches!((old, new), (0, 8)) || (old & 15 == 0 && new == old + 16 && old < 1_024),
        _ => false,
    }
}
