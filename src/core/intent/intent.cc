// Reading a file as a whole: text, document, table, checks, digest.
#include "core/intent/intent.h"

#include <charconv>

#include "base/text.h"
#include "base/yaml.h"
#include "core/intent/checks.h"
#include "core/intent/fields.h"
#include "core/intent/reader.h"
#include "core/intent/session.h"

namespace k3fleet::intent {

namespace {

ReadError one_problem(std::string_view text, Problem problem) {
    ReadError error{{std::move(problem)}, 0};
    add_source(error.problems, text, {});
    return error;
}

// base/yaml says "line L, column C: what" or "line L, column C: what: remedy".
Problem syntax_problem(const Error& error) {
    Problem problem;
    problem.caret = -1;
    std::string_view rest = error.message;
    auto number_after = [&](std::string_view word) {
        int number = 0;
        if (!rest.starts_with(word)) return number;
        rest.remove_prefix(word.size());
        auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        return failed == std::errc{} ? number : 0;
    };
    problem.position.line = number_after("line ");
    problem.position.column = number_after(", column ");
    if (problem.position.line > 0 && problem.position.column > 0 && rest.starts_with(": ")) {
        rest.remove_prefix(2);
        auto hint = rest.rfind(": ");
        problem.message = rest.substr(0, hint);
        if (hint != std::string_view::npos)
            problem.remedy = rest.substr(hint + 2);
        else
            problem.remedy = rest.contains("a second time")
                                 ? "take one of the two out"
                                 : "the mistake is at this place or just before it";
    } else {
        problem.position = {};
        problem.message = error.message;
    }
    return problem;
}

std::expected<Value, ReadError> parse_document(std::string_view text) {
    auto document = yaml::parse(text);
    if (!document) return std::unexpected(one_problem(text, syntax_problem(document.error())));
    if (document->is_object()) return std::move(*document);
    Problem problem{.position = document->position, .caret = -1};
    problem.allowed = "apiVersion, kind, metadata and spec";
    problem.remedy = "`k3fleet schema cluster` prints every field; examples/cluster-dev.yaml is a start";
    problem.message = document->is_null()
                          ? "the file is empty"
                          : format("the file is {}, not a mapping of fields", document->kind_name());
    return std::unexpected(one_problem(text, std::move(problem)));
}

// The kind the document says it is; a document without one passes for any, and is told so by the table.
std::optional<Kind> said_kind(const Value& document) {
    const auto* kind = document.find("kind");
    const auto* text = kind ? kind->as_string() : nullptr;
    if (!text) return std::nullopt;
    if (*text == "Cluster") return Kind::Cluster;
    if (*text == "Project") return Kind::Project;
    return std::nullopt;
}

Problem unknown_kind(const Value* kind) {
    Problem problem{.path = "kind", .caret = -1};
    problem.position = kind ? kind->position : Position{1, 1};
    problem.message = kind ? "this is not a kind of file k3fleet knows" : "required, but not there";
    problem.allowed = "Cluster, Project";
    problem.remedy =
        kind ? "write kind: Cluster or kind: Project" : "add \"kind: Cluster\" or \"kind: Project\"";
    return problem;
}

// A file of another kind gets one message instead of one for each of its fields; a misspelt kind is read on.
std::optional<ReadError> other_kind(const Value& document, Kind wanted, std::string_view text) {
    auto said = said_kind(document);
    const auto* kind = document.find("kind");
    const auto* word = kind ? kind->as_string() : nullptr;
    if (!said && word && nearest(*word, {"Cluster", "Project"}).empty())
        return one_problem(text, unknown_kind(kind));
    if (!said || *said == wanted) return std::nullopt;
    return one_problem(
        text, {kind->position, "kind",
               format("this is a {} file where a {} file is wanted", to_string(*said), to_string(wanted)),
               std::string(to_string(wanted)), "name the other file", "", -1});
}

void fill_in(ClusterDraft& draft) {
    auto& cluster = draft.intent;
    if (cluster.project.empty()) cluster.project = model::ProjectName(cluster.name.str());
    auto by_mode =
        cluster.mode == model::ClusterMode::Ha ? model::Egress::NatGateway : model::Egress::NatInstance;
    cluster.network.egress = draft.egress.value_or(by_mode);
}

}  // namespace

std::string_view to_string(Kind kind) { return kind == Kind::Cluster ? "Cluster" : "Project"; }

std::expected<Kind, ReadError> read_kind(std::string_view text) {
    auto document = parse_document(text);
    if (!document) return std::unexpected(std::move(document.error()));
    if (auto kind = said_kind(*document)) return *kind;
    return std::unexpected(one_problem(text, unknown_kind(document->find("kind"))));
}

std::expected<Reading<model::ClusterIntent>, ReadError> read_cluster(std::string_view text,
                                                                     const Context& context) {
    auto document = parse_document(text);
    if (!document) return std::unexpected(std::move(document.error()));
    if (auto other = other_kind(*document, Kind::Cluster, text)) return std::unexpected(std::move(*other));

    ClusterDraft draft;
    if (context.project) {
        draft.intent.project = context.project->name;
        draft.intent.network.cidr = context.project->network.cidr;
        draft.egress = context.project->network.egress;
    }
    Session session(Kind::Cluster, context);
    Reader reader(session, &*document, "");
    describe(reader, draft);
    reader.finish();
    fill_in(draft);
    check_cluster(session, draft.intent);
    if (session.failed()) return std::unexpected(session.take_errors(text));
    draft.intent.digest = digest(draft.intent);
    return Reading<model::ClusterIntent>{std::move(draft.intent), session.take_warnings(text)};
}

std::expected<Reading<model::ProjectIntent>, ReadError> read_project(std::string_view text,
                                                                     const Context& context) {
    auto document = parse_document(text);
    if (!document) return std::unexpected(std::move(document.error()));
    if (auto other = other_kind(*document, Kind::Project, text)) return std::unexpected(std::move(*other));

    model::ProjectIntent project;
    Session session(Kind::Project, context);
    Reader reader(session, &*document, "");
    describe(reader, project);
    reader.finish();
    check_project(session, project);
    if (session.failed()) return std::unexpected(session.take_errors(text));
    return Reading<model::ProjectIntent>{std::move(project), session.take_warnings(text)};
}

}  // namespace k3fleet::intent
