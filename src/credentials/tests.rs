//! The verbs against a real store.
