//! Every identity is its own type, so that one cannot be passed for another.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(u32);

        impl $name {
            /// Wraps a number that came from the store or from an address.
            pub const fn new(value: u32) -> Self {
                Self(value)
            }

            /// The bare number.
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A tenant.
    OrganizationId,
    /// A node of an organization's department tree.
    DepartmentId,
    /// A person who logs in.
    OperatorId,
    /// A person who works in an organization.
    EmployeeId,
    /// A workplace computer.
    ComputerId,
    /// An operating system account on one computer.
    ComputerUserId,
    /// A dated link between a computer user and an employee.
    LinkId,
    /// A key with which agents and gateways send.
    ApiKeyId,
    /// A personal token of an operator.
    TokenId,
    /// A productivity rule.
    RuleId,
    /// Several sites and applications under one name.
    ResourceGroupId,
    /// What an organization, a department or a person decides about what is collected.
    PolicyId,
    /// A terminal at a door.
    DeviceId,
    /// A door or passage.
    GateId,
    /// People who may pass the same gates.
    AccessGroupId,
    /// Something that a person should look at.
    AlertId,
}

macro_rules! long_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps what came from the store.
            pub const fn new(value: uuid::Uuid) -> Self {
                Self(value)
            }

            /// A new one; later ones sort behind earlier ones.
            pub fn random() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// The bare value.
            pub const fn get(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

long_ids! {
    /// A gateway box of an organization, a UUIDv7.
    GatewayId,
    /// A command to a gateway or an agent, a UUIDv7.
    CommandId,
}
