//! Handlers of signals whose return is no call of the system that would itself be caught.

use std::arch::{asm, global_asm};
use std::ffi::{c_int, c_ulong, c_void};

// The unwinder knows the frame of a handler by these very instructions.
global_asm!(
    ".globl erbium_realtime_return",
    ".type erbium_realtime_return, @function",
    "nop",
    "erbium_realtime_return:",
    ".byte 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00", // mov rax, SYS_rt_sigreturn
    "syscall",
    "ud2",
    ".size erbium_realtime_return, . - erbium_realtime_return",
);

unsafe extern "C" {
    fn erbium_realtime_return();
}

/// The bytes of the function by which handlers return.
const RETURN_BYTES: usize = 11;
/// The kernel's flag for a handler that names the function by which it returns.
const SA_RESTORER: c_ulong = 0x0400_0000;

/// A handler, as the kernel calls it.
pub(super) type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// What the kernel is told of a handler.
#[repr(C)]
struct Action {
    handler: Handler,
    flags: c_ulong,
    restorer: unsafe extern "C" fn(),
    mask: u64,
}

/// Where handlers return from: the first address and the number of bytes.
pub(super) fn return_range() -> (usize, usize) {
    (erbium_realtime_return as *const () as usize, RETURN_BYTES)
}

/// Installs a handler for the whole process.
pub(super) fn install(signal: c_int, handler: Handler) {
    let flags = c_ulong::try_from(libc::SA_SIGINFO | libc::SA_NODEFER).unwrap_or_default();
    let action =
        Action { handler, flags: flags | SA_RESTORER, restorer: erbium_realtime_return, mask: 0 };
    let arguments = [
        i64::from(signal),
        (&raw const action).expose_provenance().cast_signed() as i64,
        0,
        size_of::<u64>().cast_signed() as i64,
        0,
        0,
    ];
    // SAFETY: the action is as the kernel wants it, and the handler lives for ever.
    let result = unsafe { call(libc::SYS_rt_sigaction, arguments) };
    assert_eq!(result, 0, "no handler of signal {signal}");
}

/// Calls the system, past the C library.
///
/// # Safety
/// As the call has it.
pub(super) unsafe fn call(number: i64, arguments: [i64; 6]) -> i64 {
    let result: i64;
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: the registers are as the kernel takes and leaves them.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _,
            options(nostack));
    }
    result
}
