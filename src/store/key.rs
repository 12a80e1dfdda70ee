//! Keys as bytes whose order is the order of the values.

/// A part of a key. Fixed-length parts may be combined in tuples; text may only come last.
pub trait Key: Sized {
    /// Appends the bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads the bytes back; `None` when they are not such a key.
    fn decode(bytes: &mut &[u8]) -> Option<Self>;

    /// The bytes alone.
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>()?;
    *bytes = tail;
    Some(*head)
}

macro_rules! number_keys {
    ($($name:ty),+) => {$(
        impl Key for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(Self::from_be_bytes)
            }
        }
    )+};
}

number_keys!(u8, u32, u64, u128);

impl Key for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.cast_unsigned() ^ (1 << 63)).encode(out);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        u64::decode(bytes).map(|shifted| (shifted ^ (1 << 63)).cast_signed())
    }
}

impl<const N: usize> Key for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes)
    }
}

impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        *bytes = &[];
        Some(text)
    }
}

impl Key for () {
    fn encode(&self, _out: &mut Vec<u8>) {}

    fn decode(_bytes: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::decode(bytes)?, B::decode(bytes)?))
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
        self.2.encode(out);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::decode(bytes)?, B::decode(bytes)?, C::decode(bytes)?))
    }
}

macro_rules! id_keys {
    ($($name:ident),+ $(,)?) => {$(
        impl Key for crate::kernel::$name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.get().encode(out);
            }

            fn decode(bytes: &mut &[u8]) -> Option<Self> {
                u32::decode(bytes).map(Self::new)
            }
        }
    )+};
}

id_keys!(
    AlertId,
    ApiKeyId,
    ComputerId,
    ComputerUserId,
    DepartmentId,
    DeviceId,
    EmployeeId,
    AccessGroupId,
    GateId,
    LinkId,
    OperatorId,
    OrganizationId,
    PolicyId,
    ResourceGroupId,
    RuleId,
    TokenId,
);

macro_rules! long_id_keys {
    ($($name:ident),+ $(,)?) => {$(
        impl Key for crate::kernel::$name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.get().as_u128().encode(out);
            }

            fn decode(bytes: &mut &[u8]) -> Option<Self> {
                u128::decode(bytes).map(|number| Self::new(uuid::Uuid::from_u128(number)))
            }
        }
    )+};
}

long_id_keys!(CommandId, GatewayId);

impl Key for crate::kernel::Timestamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_microsecond().encode(out);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        crate::kernel::Timestamp::from_microsecond(i64::decode(bytes)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::Key;

    proptest! {
        #[test]
        fn byte_order_is_value_order(a: (u32, i64), b: (u32, i64)) {
            assert_eq!(a.bytes().cmp(&b.bytes()), a.cmp(&b));
        }

        #[test]
        fn keys_come_back(key: (u32, i64), text in ".*") {
            let key = (key.0, key.1, text);
            assert_eq!(<(u32, i64, String)>::decode(&mut key.bytes().as_slice()), Some(key));
        }
    }
}
