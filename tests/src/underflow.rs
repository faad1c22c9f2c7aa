//! Whether anything was computed that is too small for a normal number, as the processor itself notes it.

/// The processor's note that a result was too small, in its register of what arithmetic came upon.
#[cfg(target_arch = "x86_64")]
const UNDERFLOW: u32 = 1 << 4;

/// Whether this thread has computed a number too small to be a normal one since this was last asked; nothing on
/// processors that are not asked.
#[must_use]
pub fn take_underflow() -> Option<bool> {
    #[cfg(target_arch = "x86_64")]
    {
        let mut register = 0_u32;
        // SAFETY: this reads the register, and writes it again without the note; how numbers are
        // computed stays as it is.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack));
            let cleared = register & !UNDERFLOW;
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const cleared, options(nostack));
        }
        Some(register & UNDERFLOW != 0)
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[cfg(test)]
mod tests {
    use super::take_underflow;
    use std::hint::black_box;

    #[test]
    fn a_product_too_small_is_noted_once() {
        let Some(_) = take_underflow() else { return };
        let (normal, small) = (black_box(1.5_f32), black_box(1e-39_f32));
        assert!(black_box(normal * normal) > 2.0);
        assert_eq!(take_underflow(), Some(false));
        assert!(black_box(small * 0.3) > 0.0);
        assert_eq!(take_underflow(), Some(true));
        assert_eq!(take_underflow(), Some(false));
    }
}
