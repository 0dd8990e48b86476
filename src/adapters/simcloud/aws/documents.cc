// SSM's documents: what may be run on machines, version by version.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
#include "adapters/simcloud/aws/documents.h"

#include <algorithm>
#include <charconv>

#include "adapters/simcloud/aws/tags.h"
#include "aws/gen/ssm.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace ssm = aws::ssm;

constexpr std::size_t kMaxContent = 65'536;

std::unexpected<Error> not_simulated(std::string_view what) {
    return refuse("InvalidParameterCombination", format("{} is not simulated", what));
}

template <typename Request>
Status needs_document(const Call& call, const Request& request, Needs& needs) {
    needs.add(format("ssm:{}", call.operation.name), document_arn(call, request.name),
              document_context(call, request.name));
    return {};
}

Status needs_create(const Call& call, const ssm::CreateDocumentRequest& request, Needs& needs) {
    iam::Context context;
    set_request_tags(context, tags_in(request.tags));
    const std::string arn = document_arn(call, request.name);
    if (!request.tags.empty()) needs.add("ssm:AddTagsToResource", arn, context);
    needs.add("ssm:CreateDocument", arn, std::move(context));
    return {};
}

// Schema, and the steps or inputs that it is about.
Status check_content(const std::string& content, std::string_view type) {
    if (content.size() > kMaxContent)
        return refuse("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.");
    const auto read = json::parse(content);
    if (!read || !read->is_object()) return refuse("InvalidDocumentContent", "JSON not well-formed.");
    const std::string schema = read->string_at("schemaVersion");
    const bool session = type == "Session";
    if (schema != (session ? "1.0" : "2.2"))
        return refuse("InvalidDocumentSchemaVersion",
                      format("The version of the document schema of a {} is not "
                             "supported: {}",
                             type, schema));
    if (session ? read->string_at("sessionType").empty() : read->find("mainSteps") == nullptr)
        return refuse("InvalidDocumentContent", "The content of the document is missing its steps.");
    return {};
}

ssm::DocumentDescription described(const Call& call, const RunDocument& document, std::int64_t version) {
    ssm::DocumentDescription shown{.name = document.name};
    const std::string& content = document.versions[static_cast<std::size_t>(version - 1)];
    shown.hash = crypto::sha256_hex(content);
    shown.hash_type = "Sha256";
    shown.owner = call.account.number;
    shown.created_date = document.created_at;
    shown.status = "Active";
    shown.document_version = std::to_string(version);
    shown.document_type = document.type;
    shown.document_format = "JSON";
    if (!document.target_type.empty()) shown.target_type = document.target_type;
    if (const auto read = json::parse(content)) shown.schema_version = read->string_at("schemaVersion");
    shown.latest_version = std::to_string(document.versions.size());
    shown.default_version = std::to_string(document.default_version);
    for (const auto& [key, value] : document.tags) shown.tags.push_back({.key = key, .value = value});
    return shown;
}

Status check_tags(const Tags& added, const Tags& has) {
    if (too_many_tags(added, has))
        return refuse("TooManyTagsError", format("A document carries up to {} tags", kMaxTags));
    if (const std::string wrong = wrong_tags(added, has); !wrong.empty())
        return refuse("ValidationException", wrong);
    return {};
}

// "/AWS::EC2::Instance", or "/" for whatever there is.
Result<std::string> read_target(const std::optional<std::string>& type) {
    const auto allowed = [](char c) {
        return is_letter_or_digit(c) || c == '/' || c == '-' || c == ':' || c == '.';
    };
    const std::string target = type.value_or("");
    if (target.empty() ||
        (target.starts_with('/') && target.size() <= 200 && std::ranges::all_of(target, allowed)))
        return target;
    return refuse("InvalidDocumentContent", format("'{}' is no target type", target));
}

Result<ssm::CreateDocumentResponse> create(Call& call, const ssm::CreateDocumentRequest& request) {
    const std::string& name = *request.name;
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
    if (name.size() < 3 || name.size() > 128 || !std::ranges::all_of(name, allowed))
        return refuse("ValidationException",
                      "Value at 'name' failed to satisfy constraint: [a-zA-Z0-9_\\-.]{3,128}");
    const std::string type = request.document_type.value_or("Command");
    if (type != "Command" && type != "Session") return not_simulated("DocumentType " + type);
    if (request.document_format.value_or("JSON") != "JSON") return not_simulated("DocumentFormat YAML");
    K3F_TRY(check_content(*request.content, type));
    if (call.account.commands.documents.contains(name))
        return refuse("DocumentAlreadyExists", format("Document with same name {} already exists", name));
    RunDocument document{.name = name, .type = type, .versions = {*request.content}, .created_at = call.now};
    document.target_type = K3F_TRY(read_target(request.target_type));
    document.tags = tags_in(request.tags);
    document.tagged_at = call.now;
    K3F_TRY(check_tags(document.tags, {}));
    const RunDocument& made = call.account.commands.documents.emplace(name, document).first->second;
    return ssm::CreateDocumentResponse{.document_description = described(call, made, 1)};
}

Result<ssm::GetDocumentResponse> get(Call& call, const ssm::GetDocumentRequest& request) {
    const RunDocument& document = *K3F_TRY(find_document(call, request.name));
    const std::int64_t version = K3F_TRY(read_version(document, request.document_version));
    if (request.document_format.value_or("JSON") != "JSON") return not_simulated("DocumentFormat YAML");
    ssm::GetDocumentResponse answer{.name = document.name, .created_date = document.created_at};
    answer.document_version = std::to_string(version);
    answer.status = "Active";
    answer.content = document.versions[static_cast<std::size_t>(version - 1)];
    answer.document_type = document.type;
    answer.document_format = "JSON";
    return answer;
}

Result<ssm::DescribeDocumentResponse> describe(Call& call, const ssm::DescribeDocumentRequest& request) {
    const RunDocument& document = *K3F_TRY(find_document(call, request.name));
    const std::int64_t version = K3F_TRY(read_version(document, request.document_version));
    return ssm::DescribeDocumentResponse{.document = described(call, document, version)};
}

// Each change names the version that it changes; the same content again is refused.
Result<ssm::UpdateDocumentResponse> update(Call& call, const ssm::UpdateDocumentRequest& request) {
    RunDocument& document = *K3F_TRY(find_document(call, request.name));
    const std::int64_t from = K3F_TRY(read_version(document, request.document_version));
    if (from != std::ssize(document.versions))
        return refuse("InvalidDocumentVersion", "The document version is not valid or does not exist.");
    K3F_TRY(check_content(*request.content, document.type));
    if (contains(document.versions, *request.content))
        return refuse("DuplicateDocumentContent",
                      "The content of the association document matches another document.");
    if (request.document_format.value_or("JSON") != "JSON") return not_simulated("DocumentFormat YAML");
    if (request.target_type) document.target_type = K3F_TRY(read_target(request.target_type));
    document.versions.push_back(*request.content);
    return ssm::UpdateDocumentResponse{.document_description =
                                           described(call, document, std::ssize(document.versions))};
}

Result<ssm::UpdateDocumentDefaultVersionResponse> set_default(
    Call& call, const ssm::UpdateDocumentDefaultVersionRequest& request) {
    RunDocument& document = *K3F_TRY(find_document(call, request.name));
    document.default_version = K3F_TRY(read_version(document, request.document_version));
    ssm::UpdateDocumentDefaultVersionResponse answer;
    answer.description.emplace() = {.name = document.name, .default_version = request.document_version};
    return answer;
}

Result<ssm::DeleteDocumentResponse> remove(Call& call, const ssm::DeleteDocumentRequest& request) {
    (void)K3F_TRY(find_document(call, request.name));
    call.account.commands.documents.erase(*request.name);
    return ssm::DeleteDocumentResponse{};
}

Status needs_tag(const Call& call, const ssm::AddTagsToResourceRequest& request, Needs& needs) {
    iam::Context context = document_context(call, request.resource_id);
    set_request_tags(context, tags_in(request.tags));
    needs.add("ssm:AddTagsToResource", document_arn(call, request.resource_id), std::move(context));
    return {};
}

Result<ssm::AddTagsToResourceResponse> add_document_tags(Call& call,
                                                         const ssm::AddTagsToResourceRequest& request) {
    if (*request.resource_type != "Document") return not_simulated("ResourceType " + *request.resource_type);
    const auto found = call.account.commands.documents.find(*request.resource_id);
    if (found == call.account.commands.documents.end())
        return refuse("InvalidResourceId", format("{} is no document", *request.resource_id));
    const Tags added = tags_in(request.tags);
    K3F_TRY(check_tags(added, found->second.tags));
    for (const auto& [key, value] : added) found->second.tags[key] = value;
    found->second.tagged_at = call.now;
    return ssm::AddTagsToResourceResponse{};
}

}  // namespace

TaggedThings tagged_documents(const Account& account) {
    TaggedThings all;
    for (const auto& [name, document] : account.commands.documents)
        all.push_back({.arn = arn_in(account, "ssm", "document/" + name),
                       .tags = document.tags,
                       .since = document.tagged_at});
    return all;
}

Result<RunDocument*> find_document(Call& call, const std::optional<std::string>& name) {
    const auto found = call.account.commands.documents.find(name.value_or(""));
    if (found == call.account.commands.documents.end())
        return refuse("InvalidDocument", "The specified document does not exist.");
    return &found->second;
}

Result<std::int64_t> read_version(const RunDocument& document, const std::optional<std::string>& text) {
    if (!text || *text == "$DEFAULT") return document.default_version;
    if (*text == "$LATEST") return std::ssize(document.versions);
    std::int64_t version = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), version);
    if (error != std::errc{} || end != text->data() + text->size() || version < 1 ||
        version > std::ssize(document.versions))
        return refuse("InvalidDocumentVersion", "The document version is not valid or does not exist.");
    return version;
}

std::string document_arn(const Call& call, const std::optional<std::string>& name) {
    return call.arn("ssm", "document/" + name.value_or(""));
}

iam::Context document_context(const Call& call, const std::optional<std::string>& name) {
    iam::Context context;
    const auto found = call.account.commands.documents.find(name.value_or(""));
    if (found == call.account.commands.documents.end()) return context;
    for (const auto& [key, value] : found->second.tags) {
        context.set("aws:ResourceTag/" + key, {value});
        context.set("ssm:resourceTag/" + key, {value});
    }
    return context;
}

void add_documents(Handlers& handlers) {
    handlers.add<ssm::CreateDocumentRequest>(
        {"Name", "Content", "DocumentType", "DocumentFormat", "TargetType", "Tags"}, needs_create, create);
    handlers.add<ssm::AddTagsToResourceRequest>({"ResourceType", "ResourceId", "Tags"}, needs_tag,
                                                add_document_tags);
    handlers.add<ssm::GetDocumentRequest>({"Name", "DocumentVersion", "DocumentFormat"}, needs_document, get);
    handlers.add<ssm::DescribeDocumentRequest>({"Name", "DocumentVersion"}, needs_document, describe);
    handlers.add<ssm::UpdateDocumentRequest>(
        {"Name", "Content", "DocumentVersion", "DocumentFormat", "TargetType"}, needs_document, update);
    handlers.add<ssm::UpdateDocumentDefaultVersionRequest>({"Name", "DocumentVersion"}, needs_document,
                                                           set_default);
    handlers.add<ssm::DeleteDocumentRequest>({"Name"}, needs_document, remove);
}

}  // namespace k3fleet::simcloud
