//! The program; everything is in the library.

fn main() -> std::process::ExitCode {
    regserver::cli::main()
}
