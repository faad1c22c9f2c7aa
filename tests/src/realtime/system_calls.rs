//! The kernel hands each call of the system on a watched thread to a handler, which notes it and makes it.

use super::record::Violation;
use super::watch::{SELECTOR, note_and, outside, pace};
use super::{Pace, signals};
use std::ffi::{c_int, c_void};
use std::sync::Once;

/// Of `prctl`, as the kernel has them; the C library's headers may be older.
const PR_SET_SYSCALL_USER_DISPATCH: i64 = 59;
const PR_SYS_DISPATCH_OFF: i64 = 0;
const PR_SYS_DISPATCH_ON: i64 = 1;

/// From now on the calls of this thread are caught while its [`SELECTOR`] says so; or no longer are.
pub(super) fn catch(is_on: bool) {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| signals::install(libc::SIGSYS, on_call));
    let (start, bytes) = signals::return_range();
    let arguments = if is_on {
        let selector = SELECTOR.with(|selector| selector.as_ptr().expose_provenance());
        [start, bytes, selector].map(|register| register.cast_signed() as i64)
    } else {
        [0; 3]
    };
    let switch = if is_on { PR_SYS_DISPATCH_ON } else { PR_SYS_DISPATCH_OFF };
    let [start, bytes, selector] = arguments;
    // SAFETY: the selector is this thread's own and lives as long as it does.
    let result = unsafe {
        signals::call(
            libc::SYS_prctl,
            [PR_SET_SYSCALL_USER_DISPATCH, switch, start, bytes, selector, 0],
        )
    };
    assert_eq!(result, 0, "this kernel cannot catch calls of the system: Linux 5.11 or newer can");
}

/// Whether a call does nothing but make another thread ready to run: it neither waits nor sleeps. The
/// designer of banks is woken so, see `design` in the plugin.
fn is_waking(number: i64, arguments: &[i64; 6]) -> bool {
    let operation = arguments[1] & !i64::from(libc::FUTEX_PRIVATE_FLAG);
    number == libc::SYS_futex && operation == i64::from(libc::FUTEX_WAKE)
}

/// Whether a call sleeps, where that is allowed.
fn is_allowed_sleep(number: i64) -> bool {
    pace() == Pace::Offline && matches!(number, libc::SYS_nanosleep | libc::SYS_clock_nanosleep)
}

extern "C" fn on_call(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives the state of the thread, which it takes back afterwards.
    let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
    let registers = &mut context.uc_mcontext.gregs;
    let of = |register: c_int| usize::try_from(register).unwrap_or(0);
    let number = registers[of(libc::REG_RAX)];
    let arguments =
        [libc::REG_RDI, libc::REG_RSI, libc::REG_RDX, libc::REG_R10, libc::REG_R8, libc::REG_R9]
            .map(|register| registers[of(register)]);
    let make = || match number {
        // These do not return here, or on another stack.
        libc::SYS_clone | libc::SYS_clone3 | libc::SYS_fork | libc::SYS_vfork => {
            -i64::from(libc::EAGAIN)
        }
        // SAFETY: the thread was about to make this very call.
        _ => unsafe { signals::call(number, arguments) },
    };
    registers[of(libc::REG_RAX)] = if is_waking(number, &arguments) || is_allowed_sleep(number) {
        outside(make)
    } else {
        let [first, second, ..] = arguments;
        note_and(Violation::SystemCall { number, arguments: [first, second] }, make)
    };
}
