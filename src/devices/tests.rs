//! Tests of what is kept of devices and who may ask what of them.
