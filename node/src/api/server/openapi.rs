//! The OpenAPI document of the API, made from the handlers and the types that they serve.
//!
//! To add a call: write a handler with `#[utoipa::path]`, its doc comment as description, and name it in `routes!`
//! in [`super::calls`], which registers and documents it at once. Types derive `ToSchema`, those of a query
//! `IntoParams`; the variable parts of paths are in [`super::path`]. What every call may answer is added here.
//! `AIRWAY_WRITE_GOLDEN=1 cargo test -p airway --test api openapi` then writes `openapi.json` anew.

use std::collections::BTreeMap;

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use utoipa::{
    IntoResponses, OpenApi, ToSchema,
    openapi::{
        self, ArrayBuilder, HeaderBuilder, ObjectBuilder, PathItem, Ref, RefOr, ResponseBuilder, Schema,
        path::Operation, schema::Type,
    },
};

use super::{super::UPGRADE, reply::Failure};

/// What the document says of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Airway",
        description = "What programs on this machine ask of the daemon: HTTP over the Unix socket \
                       `run/api.sock` in the home of the agent, for its owner alone.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "http://airway", description = "Any name will do: what counts is the socket")),
    components(schemas(Failure), responses(Failure))
)]
pub(super) struct Head;

/// A connection that is a raw stream from now on.
pub(super) struct Raw;

impl IntoResponses for Raw {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let protocol = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([UPGRADE])).build();
        let switching = ResponseBuilder::new()
            .description("The connection is a raw stream from here on; either direction ends on its own.")
            .header("Upgrade", HeaderBuilder::new().schema(Some(protocol)).build());
        BTreeMap::from([("101".to_owned(), switching.build().into())])
    }
}

/// Bytes as they are.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "stands for a body that is taken without being parsed")]
pub(super) struct Payload(Vec<u8>);

/// Completes what the handlers have said of themselves.
pub(super) fn complete(mut document: openapi::OpenApi) -> openapi::OpenApi {
    if let Some(components) = &mut document.components {
        refer(&mut components.schemas);
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response
                && response.description.is_empty()
            {
                response.description = "It is done.".to_owned();
            }
        }
        let failure = RefOr::Ref(Ref::from_response_name("Failure"));
        operation.responses.responses.insert("default".to_owned(), failure);
    }
    document
}

/// Lets answers refer to the schema of their data, which would be repeated in each of them otherwise.
fn refer(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let names: Vec<_> = schemas.keys().cloned().collect();
    let known = |name: &str| names.iter().any(|known| known == name).then(|| Ref::from_schema_name(name));
    for (name, schema) in schemas {
        let (Some(of), RefOr::T(Schema::Object(answer))) = (name.strip_prefix("Data_"), schema) else {
            continue;
        };
        let data = match of.strip_prefix("Vec_") {
            Some(item) => known(item).map(|item| ArrayBuilder::new().items(item).into()),
            None => known(of).map(RefOr::Ref),
        };
        if let Some(data) = data {
            answer.properties.insert("data".to_owned(), data);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    methods.into_iter().filter_map(Option::as_mut)
}

/// This document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "daemon",
    responses((status = 200, body = serde_json::Value, description = "OpenAPI 3.1, without an envelope."))
)]
pub(super) async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], super::super::openapi()).into_response()
}
