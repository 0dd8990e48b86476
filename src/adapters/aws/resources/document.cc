// AWS::SSM::Document. A change is a new version, which becomes the default;
// whoever runs it names the version.
#include <algorithm>
#include <charconv>

#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/kinds_known.h"
#include "aws/gen/ssm.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace ssm = aws::ssm;

namespace {

Value named(const std::string& document) { return Value::object({{"Name", document}}); }

// SSM says so where others say that it is not found.
bool is_missing(const Error& error) {
    return is(error, "InvalidDocument") || error.code == ErrorCode::NotFound;
}

Result<std::optional<Value>> described(Context& context, const std::string& name) {
    auto answer = ask<ssm::DescribeDocumentRequest>(context, named(name));
    if (answer) return std::optional(at(*answer, "Document"));
    if (is_missing(answer.error())) return std::optional<Value>();
    return std::unexpected(std::move(answer).error());
}

Result<std::optional<Observed>> observe(Context& context, const std::string& name) {
    const auto document = K3F_TRY(described(context, name));
    if (!document || document->string_at("Status") == "Deleting") return std::optional<Observed>();
    Observed observed;
    observed.physical_id = name;
    observed.properties = take(*document, {"Name", "DocumentType", "DocumentFormat", "TargetType"});
    observed.tags = tags_of(at(*document, "Tags"));
    observed.created_at = time_at(*document, "CreatedDate");
    const std::string status = document->string_at("Status");
    observed.pending = status == "Creating" || status == "Updating";
    if (observed.pending) observed.waiting_for = "the document becomes active";
    const Value content = K3F_TRY(ask<ssm::GetDocumentRequest>(context, named(name)));
    observed.properties.set("Content", read_document(content.string_at("Content")));
    return std::optional(std::move(observed));
}

std::string content_of(const Resource& resource) {
    const Value content = at(resource.properties, "Content");
    const std::string* text = content.as_string();
    return text != nullptr ? *text : json::write(content);
}

Result<std::string> create(Context& context, const Resource& resource, const std::string& token) {
    static_cast<void>(token);  // A second document of that name is refused.
    Value request = take(resource.properties, {"Name", "DocumentType", "DocumentFormat", "TargetType"});
    request.set("Content", content_of(resource)).set("Tags", tag_list(resource.tags));
    K3F_TRY(tell<ssm::CreateDocumentRequest>(context, request));
    return text(resource, "Name");
}

constexpr int kVersionsLookedAt = 50;

// The youngest version that says so. SSM refuses to keep a content twice, and does not say which has it.
Result<std::string> version_with(Context& context, const Resource& resource) {
    const auto document = K3F_TRY(described(context, text(resource, "Name")));
    const std::string latest = document ? document->string_at("LatestVersion") : "";
    int version = 0;  // Stays 0 if SSM does not say a number.
    std::from_chars(latest.data(), latest.data() + latest.size(), version);
    const Value wanted = at(resource.properties, "Content");
    for (const int last = version - kVersionsLookedAt; version > std::max(last, 0); --version) {
        const auto content = K3F_TRY(look<ssm::GetDocumentRequest>(
            context, named(text(resource, "Name")).set("DocumentVersion", std::to_string(version))));
        if (content && same_policy(read_document(content->string_at("Content")), wanted))
            return std::to_string(version);
    }
    return fail(ErrorCode::Conflict, format("SSM says that document {} has this content already, and none of "
                                            "its last {} versions has",
                                            text(resource, "Name"), kVersionsLookedAt));
}

Result<std::string> put_version(Context& context, const Resource& resource) {
    Value request = take(resource.properties, {"Name", "DocumentFormat", "TargetType"});
    request.set("Content", content_of(resource)).set("DocumentVersion", "$LATEST");
    const auto made = ask<ssm::UpdateDocumentRequest>(context, request);
    if (made) return made->string_at("DocumentDescription.DocumentVersion");
    if (!is(made.error(), "DuplicateDocumentContent")) return std::unexpected(made.error());
    return version_with(context, resource);
}

Status update(Context& context, const Observed& observed, const Resource& resource) {
    if (const Tags tags = tags_to_set(observed, resource); !tags.empty())
        K3F_TRY(
            tell<ssm::AddTagsToResourceRequest>(context, Value::object({{"ResourceType", "Document"},
                                                                        {"ResourceId", observed.physical_id},
                                                                        {"Tags", tag_list(tags)}})));
    if (!any_differs(observed, resource, {"Content", "TargetType"})) return {};
    const std::string version = K3F_TRY(put_version(context, resource));
    return tell<ssm::UpdateDocumentDefaultVersionRequest>(
        context, named(observed.physical_id).set("DocumentVersion", version));
}

Result<Removal> remove(Context& context, const Observed& observed) {
    const Status done = tell<ssm::DeleteDocumentRequest>(context, named(observed.physical_id));
    if (!done && is_missing(done.error())) return Removal{};
    return removed(done);
}

}  // namespace

constinit const Implementation kDocument = {
    .type = "AWS::SSM::Document",
    .observe = observe,
    .create = create,
    .update = update,
    .remove = remove,
};

}  // namespace k3fleet::resources
