//! Nazorat.
