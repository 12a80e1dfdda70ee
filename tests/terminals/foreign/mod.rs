//! Everything else: systems that send events by HTTP, and programs that somebody writes.

mod process;
mod webhook;
