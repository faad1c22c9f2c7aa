//! The allocator's functions, before the C library's: libraries that this program loads find these first.

use super::record::Violation;
use super::watch::{is_watching, note_and};
use std::ffi::{c_int, c_void};

unsafe extern "C" {
    fn __libc_malloc(bytes: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, bytes: usize) -> *mut c_void;
    fn __libc_realloc(old: *mut c_void, bytes: usize) -> *mut c_void;
    fn __libc_memalign(alignment: usize, bytes: usize) -> *mut c_void;
    fn __libc_free(old: *mut c_void);
}

/// Makes a function of the allocator's, which notes what it is asked for and lets the C library do it.
macro_rules! before_the_c_library {
    ($($name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?,
        $violation:expr, $instead:ident($($given:expr),*);)*) => {
        $(
            // SAFETY: the name is the C library's, and so is the meaning.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name($($argument: $type),*) $(-> $result)? {
                // SAFETY: the caller of the function that this stands for keeps to its rules.
                let body = || unsafe { $instead($($given),*) };
                if is_watching() { note_and($violation, body) } else { body() }
            }
        )*
    };
}

before_the_c_library! {
    malloc(bytes: usize) -> *mut c_void,
        Violation::Allocation { bytes }, __libc_malloc(bytes);
    calloc(count: usize, bytes: usize) -> *mut c_void,
        Violation::Allocation { bytes: count.saturating_mul(bytes) }, __libc_calloc(count, bytes);
    realloc(old: *mut c_void, bytes: usize) -> *mut c_void,
        Violation::Allocation { bytes }, __libc_realloc(old, bytes);
    posix_memalign(place: *mut *mut c_void, alignment: usize, bytes: usize) -> c_int,
        Violation::Allocation { bytes }, aligned(place, alignment, bytes);
    free(old: *mut c_void),
        Violation::Deallocation, __libc_free(old);
}

/// `posix_memalign`, which the C library has under no second name.
///
/// # Safety
/// There is a place for the answer.
unsafe fn aligned(place: *mut *mut c_void, alignment: usize, bytes: usize) -> c_int {
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<*mut c_void>()) {
        return libc::EINVAL;
    }
    // SAFETY: any size may be asked for.
    let found = unsafe { __libc_memalign(alignment, bytes) };
    if found.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: it is a place to write to, says the caller.
    unsafe { place.write(found) };
    0
}
