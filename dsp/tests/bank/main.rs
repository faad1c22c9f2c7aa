//! What a designed bank promises.

mod dual;
mod few_bands;
mod fidelity;
mod figures;
mod random_specs;
mod user_kernel_limits;
mod user_kernels;
