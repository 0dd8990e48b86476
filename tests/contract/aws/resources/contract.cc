#include "tests/contract/aws/resources/contract.h"

#include <gtest/gtest.h>

#include "adapters/aws/resources/documents.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/resources/compare.h"
#include "core/resources/kinds.h"
#include "core/resources/references.h"

namespace k3fleet::resources {

namespace {

constexpr Duration kPatience = std::chrono::seconds{30};
constexpr Duration kBetweenLooks = std::chrono::milliseconds{100};

// An empty zip file, and one with a remark.
const std::string kZip = std::string("PK\5\6", 4) + std::string(18, '\0');
const std::string kOtherZip = std::string("PK\5\6", 4) + std::string(16, '\0') + std::string("\1\0x", 3);

std::string sha256_base64(const std::string& bytes) {
    const auto digest = crypto::sha256(bytes);
    return crypto::to_base64(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto place = text.find(what); place != std::string::npos; place = text.find(what, place + by.size()))
        text.replace(place, what.size(), by);
    return text;
}

Tags tags_of(const std::string& project, const char* id) {
    return {{"Project", project},
            {"Cluster", "blue"},
            {"ManagedBy", "k3fleet"},
            {"Name", project + "-thing"},
            {"k3fleet:id", id}};
}

// What is not as wanted, each with what is there; a property that was not read is not as wanted.
std::string differences(const Observed& observed, const Resource& resource,
                        const std::vector<const char*>& unread) {
    std::string found;
    for (const Difference& one : differences(kind_of(resource.type), resource, observed))
        if (!contains(unread, one.path))
            found +=
                format("{}: {} instead of {}; ", one.path, json::write(one.found), json::write(one.wanted));
    for (const Member& want : resource.properties.members())
        if (!contains(unread, want.key) && observed.properties.find(want.key) == nullptr)
            found += format("{}: not read; ", want.key);
    return found;
}

}  // namespace

Resource Walk::resource_of(const Case& one, const char* change) const {
    Resource resource;
    resource.id = LogicalId(one.id);
    resource.type = one.type;
    const auto read = [&](std::string text) {
        text = replaced(text, "{account}", scope_.account);
        text = replaced(text, "{sha256}", sha256_base64(kZip));
        text = replaced(text, "{other sha256}", sha256_base64(kOtherZip));
        const auto value = json::parse(text);
        EXPECT_TRUE(value) << text;
        return value ? resolve(*value, made_) : Value::object();
    };
    resource.properties = read(one.properties);
    const Value changed = change == nullptr ? Value::object() : read(change);
    for (const Member& member : changed.members()) resource.properties.set(member.key, member.value);
    if (one.has_content) {
        const bool other =
            resource.properties.path("Code.Sha256")->as_string()->compare(sha256_base64(kZip)) != 0;
        resource.content = std::make_shared<const std::string>(other ? kOtherZip : kZip);
    }
    if (kind_of(one.type).tagging == Tagging::Yes) resource.tags = tags_of(scope_.project.str(), one.id);
    return resource;
}

std::optional<Observed> Walk::settled(const Resource& resource) {
    const Timestamp deadline = clock_.now() + kPatience;
    while (true) {
        auto observed = resources_.read(resource);
        EXPECT_TRUE(observed) << observed.error().describe();
        if (!observed) return std::nullopt;
        if (*observed && !(*observed)->pending) return *observed;
        if (clock_.now() > deadline) return std::nullopt;
        if (!clock_.sleep_until(clock_.now() + kBetweenLooks)) return std::nullopt;
    }
}

void Walk::expect_as_wanted(const Case& one, const Resource& resource) {
    const auto observed = settled(resource);
    ASSERT_TRUE(observed) << "it is not there";
    EXPECT_EQ("", differences(*observed, resource, one.unread));
    EXPECT_EQ(resource.type, observed->type);
    EXPECT_EQ(resource.id.str(), observed->id.str());
    EXPECT_TRUE(observed->ours);
    for (const auto& [key, value] : resource.tags) {
        const auto tag = observed->tags.find(key);
        EXPECT_TRUE(tag != observed->tags.end() && tag->second == value) << "tag " << key;
    }
}

Observed Walk::expect_made(const Case& one, const Resource& resource) {
    const auto made = resources_.create(resource, model::Token(std::string(32, 'a') + one.id));
    EXPECT_TRUE(made) << made.error().describe();
    if (!made) return {};
    expect_as_wanted(one, resource);
    const auto again = resources_.create(resource, model::Token(std::string(32, 'b') + one.id));
    EXPECT_TRUE(again) << "the second time: " << again.error().describe();
    EXPECT_EQ(made->physical_id, again ? again->physical_id : "") << "made twice";
    return settled(resource).value_or(Observed());
}

void Walk::expect_changed(const Case& one, const char* change, const Resource& before) {
    SCOPED_TRACE(change);
    const Resource after = resource_of(one, change);
    const auto observed = settled(before);
    ASSERT_TRUE(observed);
    EXPECT_NE("", differences(*observed, after, one.unread)) << "nothing would change";
    const auto changed = resources_.update(*observed, after);
    ASSERT_TRUE(changed) << changed.error().describe();
    expect_as_wanted(one, after);
    const auto drifted = settled(before);
    ASSERT_TRUE(drifted);
    EXPECT_NE("", differences(*drifted, before, one.unread)) << "the drift is not seen";
    const auto back = resources_.update(*drifted, before);
    ASSERT_TRUE(back) << back.error().describe();
    expect_as_wanted(one, before);
}

void Walk::expect_somebody_elses(const Resource& ours) {
    const Kind& kind = kind_of(ours.type);
    if (kind.tagging == Tagging::No) return;
    Resource theirs = ours;
    theirs.tags = tags_of("another", ours.id.str().c_str());
    const auto read = resources_.read(theirs);
    if (kind.find == FindBy::Tagged) {
        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_FALSE(read->has_value()) << "found by another project's tags";
        return;
    }
    ASSERT_FALSE(read) << "another project takes it for its own";
    EXPECT_EQ(ErrorCode::Conflict, read.error().code) << read.error().describe();
    const auto made = resources_.create(theirs, model::Token(std::string(40, 'c')));
    ASSERT_FALSE(made) << "another project took it over";
    EXPECT_EQ(ErrorCode::Conflict, made.error().code) << made.error().describe();
    theirs.claim = Claim::Accounts;
    const auto known = resources_.read(theirs);
    ASSERT_TRUE(known && *known);
    EXPECT_FALSE((*known)->ours);
    EXPECT_FALSE(resources_.update(**known, theirs)) << "it is not ours to change";
    EXPECT_FALSE(resources_.remove(**known)) << "it is not ours to delete";
}

void Walk::make_and_change(const Case& one) {
    SCOPED_TRACE(one.id);
    const Resource resource = resource_of(one);
    const auto before = resources_.read(resource);
    ASSERT_TRUE(before) << before.error().describe();
    ASSERT_FALSE(before->has_value()) << "it is there before it was made";
    const Observed made = expect_made(one, resource);
    ASSERT_FALSE(made.physical_id.empty());
    made_[LogicalId(one.id)] = made;
    for (const char* change : one.changes) expect_changed(one, change, resource);
    expect_somebody_elses(resource);
    if (const auto now = settled(resource)) made_[LogicalId(one.id)] = *now;
}

Result<ports::Removal> Walk::remove_at_last(const Observed& observed) {
    const Timestamp deadline = clock_.now() + kPatience;
    while (true) {
        auto removal = resources_.remove(observed);
        if (!removal || removal->state != ports::Removal::State::Going || clock_.now() > deadline)
            return removal;
        EXPECT_NE("", removal->waiting_for);
        if (auto slept = clock_.sleep_until(clock_.now() + kBetweenLooks); !slept)
            return std::unexpected(slept.error());
    }
}

void Walk::expect_given_back(const Resource& resource, const Observed& observed) {
    const auto kept = resources_.read(resource);
    ASSERT_TRUE(kept && *kept) << "AWS keeps it, and it is not seen";
    EXPECT_TRUE((*kept)->kept_until);
    const auto restored = resources_.create(resource, model::Token(std::string(40, 'd')));
    ASSERT_TRUE(restored) << restored.error().describe();
    EXPECT_EQ(observed.physical_id, restored->physical_id);
    EXPECT_FALSE(restored->kept_until);
    const auto again = remove_at_last(*restored);
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(ports::Removal::State::Kept, again->state);
}

void Walk::remove(const Case& one) {
    SCOPED_TRACE(one.id);
    if (made_.count(LogicalId(one.id)) == 0) return;
    const Resource resource = resource_of(one);
    const Observed observed = made_[LogicalId(one.id)];
    if (one.kept) {
        EXPECT_FALSE(resources_.remove(observed)) << "it is the account's";
        return;
    }
    const bool delayed = kind_of(one.type).deletion == Deletion::Delayed;
    for (const char* time : {"first", "second"}) {
        const auto removal = remove_at_last(observed);
        ASSERT_TRUE(removal) << "the " << time << " time: " << removal.error().describe();
        EXPECT_EQ(delayed ? ports::Removal::State::Kept : ports::Removal::State::Gone, removal->state)
            << time << ": " << removal->waiting_for;
        EXPECT_EQ(delayed, removal->until.has_value());
    }
    if (delayed) return expect_given_back(resource, observed);
    const auto after = resources_.read(resource);
    ASSERT_TRUE(after) << after.error().describe();
    EXPECT_FALSE(after->has_value()) << "it is still there";
}

// moto's tagging API does not know every kind.
void Walk::expect_listed() {
    const auto survey = resources_.survey(scope_);
    ASSERT_TRUE(survey) << survey.error().describe();
    const auto all = (*survey)->listing(scope_.cluster);
    ASSERT_TRUE(all) << all.error().describe();
    for (const Observed& one : *all) {
        const auto made = made_.find(one.id);
        ASSERT_TRUE(made != made_.end()) << one.type << " " << one.physical_id;
        EXPECT_EQ(made->second.physical_id, one.physical_id);
        EXPECT_EQ(made->second.type, one.type);
    }
    EXPECT_GE(all->size(), 12U);
    EXPECT_EQ((*survey)->clusters().value(), std::vector{scope_.cluster});
    model::Scope other = scope_;
    other.cluster = model::ClusterName("green");
    const auto none = resources_.survey(other);
    ASSERT_TRUE(none) << none.error().describe();
    EXPECT_TRUE((*none)->clusters().value().empty());
    EXPECT_TRUE((*none)->listing(other.cluster).value().empty());
}

void Walk::expect_surveyed(std::span<const Case> cases) {
    const auto survey = resources_.survey(scope_);
    ASSERT_TRUE(survey) << survey.error().describe();
    for (const Case& one : cases) {
        SCOPED_TRACE(one.id);
        const Resource resource = resource_of(one);
        const auto alone = resources_.read(resource);
        const auto surveyed = (*survey)->read(resource);
        ASSERT_TRUE(alone && surveyed);
        ASSERT_EQ(alone->has_value(), surveyed->has_value());
        if (!*alone) continue;
        EXPECT_EQ((*alone)->physical_id, (*surveyed)->physical_id);
        EXPECT_EQ((*alone)->tags, (*surveyed)->tags);
        EXPECT_EQ((*alone)->ours, (*surveyed)->ours);
        EXPECT_EQ(json::write((*alone)->attributes), json::write((*surveyed)->attributes));
        EXPECT_EQ(json::write((*alone)->properties), json::write((*surveyed)->properties));
    }
}

}  // namespace k3fleet::resources
