//! A library that this process has loaded: its instructions, and where its functions begin.

use anyhow::{Context, Result, ensure};
use std::ffi::{CStr, CString, c_int, c_void};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A library, which must stay loaded.
pub(super) struct Library {
    path: PathBuf,
    code: Range<usize>,
    /// The table of functions for unwinding: `.eh_frame_hdr`.
    table: Range<usize>,
}

impl Library {
    /// The one that was loaded from a path.
    pub(super) fn loaded_from(path: &Path) -> Result<Self> {
        let path = path.canonicalize().with_context(|| path.display().to_string())?;
        let is_it = |library: &Self| library.path.canonicalize().is_ok_and(|other| other == path);
        let found = all().into_iter().find(is_it);
        found.with_context(|| format!("{} is not loaded", path.display()))
    }

    /// The one with this address among its instructions.
    #[cfg(test)]
    pub(super) fn holding(address: usize) -> Result<Self> {
        let found = all().into_iter().find(|library| library.code.contains(&address));
        found.context("no library is there")
    }

    /// The addresses of its instructions.
    pub(super) fn code(&self) -> Range<usize> {
        self.code.clone()
    }

    /// Its instructions.
    pub(super) fn bytes(&self) -> &[u8] {
        bytes(&self.code)
    }

    /// Where its functions begin, in order.
    pub(super) fn functions(&self) -> Result<Vec<usize>> {
        let table = bytes(&self.table);
        // The version, then three encodings: as every linker writes them.
        ensure!(table.starts_with(&[1, 0x1b, 0x03, 0x3b]), "functions listed in another way");
        let number = |at: usize| {
            let four = table.get(at..at + 4).context("the list of functions is cut off")?;
            Ok::<_, anyhow::Error>(i32::from_le_bytes(four.try_into()?))
        };
        let count = usize::try_from(number(8)?)?;
        let start = |k: usize| {
            let offset = isize::try_from(number(12 + 8 * k)?)?;
            Ok(self.table.start.wrapping_add_signed(offset))
        };
        let functions = (0..count).map(start).collect::<Result<Vec<_>>>()?;
        ensure!(functions.is_sorted(), "functions are listed without order");
        // What lies elsewhere is not among the instructions that are looked at.
        Ok(functions.into_iter().filter(|function| self.code.contains(function)).collect())
    }

    /// Lets it stay loaded for as long as this process lives.
    pub(super) fn keep(&self) -> Result<()> {
        let path = CString::new(self.path.as_os_str().as_encoded_bytes())?;
        // SAFETY: it is loaded already, so that nothing is loaded and nothing runs.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD) };
        ensure!(!handle.is_null(), "{} is not loaded", self.path.display());
        Ok(())
    }

    /// Lets its instructions be written to, in this process only.
    pub(super) fn make_writable(&self) -> std::io::Result<()> {
        let page = 4_096;
        let start = self.code.start / page * page;
        let all = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
        let pointer = std::ptr::with_exposed_provenance_mut(start);
        // SAFETY: whoever runs there finds the same instructions as before.
        let result = unsafe { libc::mprotect(pointer, self.code.end - start, all) };
        if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }
}

fn bytes(range: &Range<usize>) -> &[u8] {
    let start = std::ptr::with_exposed_provenance(range.start);
    // SAFETY: the library that has this in one of its segments stays loaded.
    unsafe { std::slice::from_raw_parts(start, range.len()) }
}

/// Every library that is loaded, and this program.
fn all() -> Vec<Library> {
    let mut libraries: Vec<Library> = Vec::new();
    let list = (&raw mut libraries).cast();
    // SAFETY: the function is called before this one returns, with the list that it is given here.
    unsafe { libc::dl_iterate_phdr(Some(add), list) };
    libraries
}

unsafe extern "C" fn add(
    info: *mut libc::dl_phdr_info,
    _: libc::size_t,
    list: *mut c_void,
) -> c_int {
    // SAFETY: the C library gives a library's data.
    let info = unsafe { &*info };
    // SAFETY: it is the list that was given, and nobody else's meanwhile.
    let list = unsafe { &mut *list.cast::<Vec<Library>>() };
    // SAFETY: a name ends with a zero, and there are as many headers as it says.
    let (name, headers) = unsafe {
        let headers = std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum));
        (CStr::from_ptr(info.dlpi_name).to_string_lossy().into_owned(), headers)
    };
    let find = |is_it: &dyn Fn(&libc::Elf64_Phdr) -> bool| {
        let header = headers.iter().find(|header| is_it(header))?;
        let start = usize::try_from(info.dlpi_addr + header.p_vaddr).ok()?;
        Some(start..start + usize::try_from(header.p_memsz).ok()?)
    };
    let code = find(&|header| header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_X != 0);
    let table = find(&|header| header.p_type == libc::PT_GNU_EH_FRAME);
    if let (Some(code), Some(table)) = (code, table) {
        list.push(Library { path: name.into(), code, table });
    }
    0
}
