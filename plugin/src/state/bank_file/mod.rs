//! Banks from files: kernels that another program made, NumPy or PyTorch, say, played as a bank of this one.
//!
//! A file is read once; from then on the kernels are part of an instance's state, so that a project opens
//! on a machine without the file. The dual is learned by the designer, as for every bank.

mod folder;
mod shared;
mod stored;

pub use erbium_bank_file::{BankFile, arrays, kernel_rows, strides, to_npz};
pub use folder::{Listed, listed, own_folder};
pub use shared::{Initial, SharedBankFile};
pub use stored::StoredBankFile;
