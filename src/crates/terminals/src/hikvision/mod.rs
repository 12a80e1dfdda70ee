//! Hikvision ISAPI: digest authentication, the event stream, events, and the documents of requests and answers.
