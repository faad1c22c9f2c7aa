//! The atomic exchanges in a library's instructions.

use super::library::Library;
use anyhow::Result;
use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind};

/// An atomic exchange with memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exchange {
    /// Whether it first compares what is there with the accumulator.
    pub(super) compares: bool,
    pub(super) bytes: usize,
    /// The register with the new value.
    pub(super) register: usize,
}

/// Where one is.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) at: usize,
    pub(super) exchange: Exchange,
    /// The first byte of the instruction.
    pub(super) first: u8,
}

impl Exchange {
    fn of(instruction: &Instruction) -> Option<Self> {
        let compares = match instruction.mnemonic() {
            Mnemonic::Cmpxchg if instruction.has_lock_prefix() => true,
            Mnemonic::Xchg => false,
            _ => return None,
        };
        if instruction.op0_kind() != OpKind::Memory {
            return None;
        }
        let register = instruction.op1_register();
        Some(Self { compares, bytes: register.size(), register: register.full_register().number() })
    }
}

/// Whether the bytes may be such an instruction; they may as well be the middle of another one.
fn may_be_one(bytes: &[u8]) -> bool {
    match bytes {
        [0xf0, 0x0f, 0xb0 | 0xb1, ..] | [0xf0, 0x40..=0x4f, 0x0f, 0xb0 | 0xb1, ..] => true,
        // Only those of eight bytes are of interest.
        [0x48..=0x4f, 0x87, operands, ..] => *operands < 0xc0,
        _ => false,
    }
}

/// All of them. Functions are decoded from their beginning, so that nothing else is taken for one.
pub(super) fn sites(library: &Library) -> Result<Vec<Site>> {
    let (code, start) = (library.bytes(), library.code().start);
    let functions = library.functions()?;
    let mut sites = Vec::new();
    let mut done_to = start;
    for at in (0..code.len()).filter(|at| may_be_one(&code[*at..])) {
        let at = start + at;
        if at < done_to {
            continue;
        }
        let next = functions.partition_point(|function| *function <= at);
        let Some(function) = next.checked_sub(1).map(|last| functions[last]) else { continue };
        let end = functions.get(next).copied().unwrap_or(start + code.len());
        let bytes = &code[function - start..end - start];
        let mut decoder =
            Decoder::with_ip(64, bytes, u64::try_from(function)?, DecoderOptions::NONE);
        while decoder.can_decode() {
            let instruction = decoder.decode();
            if let Some(exchange) = Exchange::of(&instruction) {
                let at = usize::try_from(instruction.ip())?;
                sites.push(Site { at, exchange, first: code[at - start] });
            }
        }
        done_to = end;
    }
    Ok(sites)
}

#[cfg(test)]
mod tests {
    use super::Exchange;
    use iced_x86::{Decoder, DecoderOptions};

    fn read(bytes: &[u8]) -> Option<Exchange> {
        assert!(bytes[0] != 0xf0 || bytes[1] == 0xff || super::may_be_one(bytes));
        Exchange::of(&Decoder::new(64, bytes, DecoderOptions::NONE).decode())
    }

    #[test]
    fn exchanges_are_recognised() {
        // lock cmpxchg [rdi], ecx
        let found = read(&[0xf0, 0x0f, 0xb1, 0x0f]);
        assert_eq!(found, Some(Exchange { compares: true, bytes: 4, register: 1 }));
        // lock cmpxchg [r14], r9b
        let found = read(&[0xf0, 0x45, 0x0f, 0xb0, 0x0e]);
        assert_eq!(found, Some(Exchange { compares: true, bytes: 1, register: 9 }));
        // xchg [rdi], rax
        let found = read(&[0x48, 0x87, 0x07]);
        assert_eq!(found, Some(Exchange { compares: false, bytes: 8, register: 0 }));
        // Without lock; lock inc; between registers.
        for other in [&[0x0f, 0xb1, 0x0f][..], &[0xf0, 0xff, 0x07], &[0x48, 0x87, 0xc1]] {
            assert_eq!(read(other), None);
        }
    }
}
