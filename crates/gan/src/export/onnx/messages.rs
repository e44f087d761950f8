//! The messages of ONNX that a network needs, with the tags of ONNX's `onnx.proto`.
//!
//! The schema has some hundred fields; what is not here is absent from the file, which protobuf
//! reads as not set. Integers are not packed, as the schema has them.

/// The version of the format's own rules that goes with [`OPSET`](crate::export::OPSET).
pub(in crate::export) const IR_VERSION: i64 = 8;

/// `TensorProto.DataType.FLOAT`.
pub(in crate::export) const FLOAT: i32 = 1;
/// `TensorProto.DataType.INT64`.
pub(in crate::export) const INT64: i32 = 7;

/// A whole file.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Model {
    #[prost(int64, tag = "1")]
    pub(in crate::export) ir_version: i64,
    #[prost(message, repeated, tag = "8")]
    pub(in crate::export) opset_import: Vec<OperatorSet>,
    #[prost(string, tag = "2")]
    pub(in crate::export) producer_name: String,
    #[prost(string, tag = "3")]
    pub(in crate::export) producer_version: String,
    #[prost(message, optional, tag = "7")]
    pub(in crate::export) graph: Option<Graph>,
    #[prost(message, repeated, tag = "14")]
    pub(in crate::export) metadata_props: Vec<Property>,
}

/// Which version of which operators; the empty domain is ONNX's own.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct OperatorSet {
    #[prost(string, tag = "1")]
    pub(in crate::export) domain: String,
    #[prost(int64, tag = "2")]
    pub(in crate::export) version: i64,
}

/// A key and what it says.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Property {
    #[prost(string, tag = "1")]
    pub(in crate::export) key: String,
    #[prost(string, tag = "2")]
    pub(in crate::export) value: String,
}

/// Nodes in the order of computation, with the tensors that they take.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::export) node: Vec<Node>,
    #[prost(string, tag = "2")]
    pub(in crate::export) name: String,
    #[prost(message, repeated, tag = "5")]
    pub(in crate::export) initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub(in crate::export) input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub(in crate::export) output: Vec<ValueInfo>,
}

/// One operator on named tensors.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub(in crate::export) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(in crate::export) output: Vec<String>,
    #[prost(string, tag = "3")]
    pub(in crate::export) name: String,
    #[prost(string, tag = "4")]
    pub(in crate::export) op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub(in crate::export) attribute: Vec<Attribute>,
}

/// An operator's argument that is no tensor. One of its values is set, of the kind that it has.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Attribute {
    #[prost(string, tag = "1")]
    pub(in crate::export) name: String,
    #[prost(float, optional, tag = "2")]
    pub(in crate::export) f: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub(in crate::export) i: Option<i64>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub(in crate::export) ints: Vec<i64>,
    #[prost(enumeration = "AttributeKind", tag = "20")]
    pub(in crate::export) r#type: i32,
}

/// `AttributeProto.AttributeType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(in crate::export) enum AttributeKind {
    Undefined = 0,
    Float = 1,
    Int = 2,
    Ints = 7,
}

/// A constant.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Tensor {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub(in crate::export) dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub(in crate::export) data_type: i32,
    #[prost(string, tag = "8")]
    pub(in crate::export) name: String,
    /// Elements in the order of rows, little-endian.
    #[prost(bytes = "vec", tag = "9")]
    pub(in crate::export) raw_data: Vec<u8>,
}

/// What a graph takes or yields.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct ValueInfo {
    #[prost(string, tag = "1")]
    pub(in crate::export) name: String,
    #[prost(message, optional, tag = "2")]
    pub(in crate::export) r#type: Option<Type>,
    #[prost(string, tag = "3")]
    pub(in crate::export) doc_string: String,
}

/// Of the kinds of types, a tensor's.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Type {
    #[prost(message, optional, tag = "1")]
    pub(in crate::export) tensor_type: Option<TensorType>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct TensorType {
    #[prost(int32, tag = "1")]
    pub(in crate::export) elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub(in crate::export) shape: Option<Shape>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::export) dim: Vec<Dimension>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::export) struct Dimension {
    #[prost(oneof = "Extent", tags = "1, 2")]
    pub(in crate::export) value: Option<Extent>,
}

/// How long an axis is.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(in crate::export) enum Extent {
    #[prost(int64, tag = "1")]
    Fixed(i64),
    /// Free, under a name.
    #[prost(string, tag = "2")]
    Named(String),
}
