#include "adapters/aws/resources/aws_resources.h"

#include <array>
#include <memory>

#include "adapters/aws/resources/answers.h"
#include "adapters/aws/resources/documents.h"
#include "adapters/aws/resources/listing.h"
#include "base/check.h"
#include "base/text.h"

namespace k3fleet::resources {

namespace {

constexpr Duration kSoon = std::chrono::seconds{2};

// AWS's refusals that mean: what this needs was made a moment ago and is not known everywhere yet. IAM says
// so of roles and their policies for some seconds ("Troubleshoot IAM", eventual consistency).
struct NotYet {
    std::string_view code;
    std::string_view says;
};
constexpr std::array kNotYet = {
    NotYet{"InvalidParameterValueException", "cannot be assumed by Lambda"},
    NotYet{"InvalidParameterValueException", "execution role does not have permissions"},
    NotYet{"ValidationException", "must allow AWS EventBridge Scheduler to assume the role"},
    NotYet{"InvalidParameter", "Unable to assume given IAM role"},  // Of flow logs.
    NotYet{"InvalidCloudWatchLogsRoleArnException", ""},
    NotYet{"InvalidCloudWatchLogsLogGroupArnException", ""},
    NotYet{"InsufficientS3BucketPolicyException", ""},
    NotYet{"MalformedPolicy", "Invalid principal"},
    NotYet{"MalformedPolicyDocument", "Invalid principal"},
    NotYet{"MalformedPolicyDocumentException", "invalid principal"},
    NotYet{"ResourceConflictException", "update is in progress"},
    NotYet{"ResourceConflictException", "The function is currently in the following state: Pending"},
    NotYet{"ResourceInUseException", "being"},
    NotYet{"ResourceInUseException", "event source mapping because it is in use"},
    // Of a table that became active a moment ago.
    NotYet{"ContinuousBackupsUnavailableException", ""},
    // A queue's new policy, which lets S3 in, takes up to a minute to count.
    NotYet{"InvalidArgument", "Unable to validate the following destination configurations"},
    NotYet{"OperationAborted", ""},
    NotYet{"QueueDeletedRecently", ""},
    NotYet{"AWS.SimpleQueueService.QueueDeletedRecently", ""},
    NotYet{"IncorrectState", ""},
    NotYet{"ConcurrentModification", ""},
    NotYet{"ConcurrentModificationException", ""},
};

// EC2 and IAM of what a request names: the caller has made it, so it will show.
bool names_something_new(const Error& error) {
    return error.provider_code.ends_with(".NotFound") || error.provider_code == "NoSuchEntity";
}

std::unexpected<Error> told(Error error) {
    if (names_something_new(error)) {
        error.code = ErrorCode::Unavailable;
        error.retry_after = kSoon;
    }
    for (const auto& [code, says] : kNotYet) {
        if (error.provider_code != code || error.message.find(says) == std::string::npos) continue;
        error.code = ErrorCode::Unavailable;
        error.retry_after = kSoon;
    }
    return std::unexpected(std::move(error));
}

Result<const Implementation*> implementation_of(const std::string& type) {
    const Implementation* kind = find_implementation(type);
    if (kind != nullptr) return kind;
    return fail(ErrorCode::InvalidArgument, format("nothing here knows how to make a {}", type));
}

// The physical id by name, tags or parent, and what is there.
Result<std::optional<Observed>> found(Context& context, const Implementation& kind,
                                      const Resource& resource) {
    if (kind.find != nullptr) return kind.find(context, resource);
    const std::string name = text(resource, kind_of(kind.type).name);
    if (name.empty())
        return fail(ErrorCode::InvalidArgument,
                    format("{} has no {}", resource.id.str(), kind_of(kind.type).name));
    return kind.observe(context, name);
}

bool tags_say_ours(const Tags& has, const Tags& wanted) {
    for (const std::string_view key : {model::names::kProjectTag, model::names::kClusterTag})
        if (tag_of(has, key) != tag_of(wanted, key)) return false;
    return true;
}

std::unexpected<Error> somebody_elses(const Observed& observed, const Resource& resource) {
    const std::string project = tag_of(observed.tags, model::names::kProjectTag);
    const std::string cluster = tag_of(observed.tags, model::names::kClusterTag);
    const std::string owner = project.empty()   ? "nobody: it has no tag Project"
                              : cluster.empty() ? "project " + project
                                                : format("project {}, cluster {}", project, cluster);
    return fail(ErrorCode::Conflict,
                format("the {} {} exists already and belongs to {}; delete it, or give it the tags of this "
                       "project if it is yours",
                       kind_of(resource.type).word, observed.physical_id, owner));
}

Status judge_owner(Observed& observed, const Resource& resource) {
    if (kind_of(resource.type).tagging == Tagging::No) {
        observed.ours = resource.claim == Claim::Ours;
        return {};
    }
    observed.ours = tags_say_ours(observed.tags, resource.tags);
    if (!observed.ours && resource.claim == Claim::Ours) return somebody_elses(observed, resource);
    return {};
}

void complete(Observed& observed, const Resource& resource) {
    observed.id = resource.id;
    observed.type = resource.type;
}

Result<std::optional<Observed>> read_in(Context& context, const Resource& resource) {
    const Implementation* kind = K3F_TRY(implementation_of(resource.type));
    std::optional<Observed> observed =
        K3F_TRY_WHILE(format("reading {}", resource.id.str()), found(context, *kind, resource));
    if (!observed) return observed;
    K3F_TRY(judge_owner(*observed, resource));
    complete(*observed, resource);
    return observed;
}

class AwsSurvey final : public ports::Survey {
public:
    // Of the scope of `with`.
    AwsSurvey(const Context& with, ports::Executor& executor)
        : context_{with.api, with.clock, with.scope, &answers_}, executor_(executor) {}

    Status begin(const model::Scope& scope) {
        tagged_ = K3F_TRY(list_tagged(context_, scope));
        return {};
    }

    Result<std::optional<Observed>> read(const Resource& resource) override {
        return read_in(context_, resource);
    }

    Result<std::vector<Observed>> listing(const model::ClusterName& cluster) override {
        const auto arns = tagged_.find(cluster);
        if (arns == tagged_.end()) return std::vector<Observed>();
        return observe_all(context_, executor_, cluster, arns->second);
    }

    Result<std::vector<model::ClusterName>> clusters() override {
        std::vector<model::ClusterName> names;
        for (const auto& [cluster, arns] : tagged_)
            if (!cluster.empty() && K3F_TRY(any_is_there(context_, cluster, arns))) names.push_back(cluster);
        return names;
    }

private:
    Answers answers_;
    Context context_;
    ports::Executor& executor_;
    Tagged tagged_;
};

}  // namespace

Result<std::optional<Observed>> AwsResources::read(const Resource& resource) {
    return read_in(context_, resource);
}

Result<Observed> AwsResources::create(const Resource& resource, const model::Token& token) {
    const Implementation* kind = K3F_TRY(implementation_of(resource.type));
    // A former try whose answer was lost, or what AWS still keeps.
    if (const std::optional<Observed> there = K3F_TRY(read(resource))) {
        if (there->kept_until) K3F_TRY(kind->restore(context_, *there));
        return there->ours ? change(*kind, *there, resource) : *there;
    }
    const Result<std::string> id = kind->create(context_, resource, token.str());
    if (!id) {
        auto error = told(id.error());
        return std::unexpected(std::move(error).error().with(format("creating {}", resource.id.str())));
    }
    if (std::optional<Observed> made = K3F_TRY(read(resource))) return *std::move(made);
    // Reads of AWS may lag behind its writes.
    return Observed{.id = resource.id,
                    .type = resource.type,
                    .physical_id = *id,
                    .tags = resource.tags,
                    .created_at = {},
                    .pending = true,
                    .waiting_for = "AWS does not show it yet",
                    .kept_until = {}};
}

Result<Observed> AwsResources::change(const Implementation& kind, const Observed& observed,
                                      const Resource& resource) {
    if (Status done = kind.update(context_, observed, resource); !done) {
        auto error = told(std::move(done).error());
        return std::unexpected(std::move(error).error().with(format("changing {}", resource.id.str())));
    }
    if (std::optional<Observed> now = K3F_TRY(read(resource))) return *std::move(now);
    return fail(ErrorCode::NotFound, format("{} went away while it was changed", resource.id.str()));
}

Result<Observed> AwsResources::update(const Observed& observed, const Resource& resource) {
    const Implementation* kind = K3F_TRY(implementation_of(resource.type));
    if (!observed.ours)
        return fail(ErrorCode::Refused, format("{} is not ours to change", observed.physical_id));
    return change(*kind, observed, resource);
}

Result<Removal> AwsResources::remove(const Observed& observed) {
    const Implementation* kind = K3F_TRY(implementation_of(observed.type));
    if (!observed.ours)
        return fail(ErrorCode::Refused, format("{} is not ours to delete", observed.physical_id));
    if (observed.kept_until)
        return Removal{.state = Removal::State::Kept, .waiting_for = "", .until = observed.kept_until};
    Result<Removal> removal = kind->remove(context_, observed);
    if (removal) return removal;
    auto error = told(std::move(removal).error());
    return std::unexpected(std::move(error).error().with(format("deleting {}", observed.physical_id)));
}

Result<std::unique_ptr<ports::Survey>> AwsResources::survey(const model::Scope& scope) {
    auto survey = std::make_unique<AwsSurvey>(context_, executor_);
    K3F_TRY(survey->begin(scope));
    return survey;
}

}  // namespace k3fleet::resources
