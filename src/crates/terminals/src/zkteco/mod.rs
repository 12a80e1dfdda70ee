//! ZKTeco: the binary protocol of port 4370, and PUSH (ADMS) over HTTP.
