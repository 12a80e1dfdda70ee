//! What is handed out, and the line on which it is asked for.

mod line;
mod sheets;
