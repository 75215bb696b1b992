//! What the OpenAPI document says of the interface as a whole: where it is, who may, and how errors look.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, PathItem, Ref, RefOr, Response, ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

const PROBLEM: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(info(
    title = "Breakwater",
    description = "Clusters of Harbors: health, findings, plans and runs. Errors are problem+json with stable codes.",
    license(name = "Apache-2.0")
), servers((url = "/api/v1")), security(("token" = [])), modifiers(&Token))]
pub(super) struct Base;

/// How a program shows who it is.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token from Settings → API tokens, or from `breakwater token create`"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// Gives every call the errors that every call has, and every error its form.
pub(super) fn complete(document: &mut Document) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let responses = &mut operation.responses.responses;
        for (status, words) in [
            ("401", "Nobody is known by this token, or it has ended."),
            ("403", "The token's role does not include this."),
            ("default", "What else went wrong; the code says what."),
        ] {
            responses
                .entry(status.to_owned())
                .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(words).build()));
        }
        for (status, response) in responses.iter_mut() {
            if let RefOr::T(response) = response
                && !status.starts_with('2')
            {
                problem(response);
            }
        }
    }
}

fn problem(response: &mut Response) {
    let schema = Ref::from_schema_name("Problem");
    response.content.clear();
    response.content.insert(PROBLEM.to_owned(), RefOr::T(Content::new(Some(schema))));
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}
