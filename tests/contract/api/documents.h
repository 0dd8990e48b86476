// What is asked of Systems Manager: documents by version, and AWS's public parameters. Commands are asked of
// the simulated account alone (commands_test.cc): moto's machines run nothing.
#pragma once

#include "aws/gen/ssm.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class DocumentsApi : public Served<Backend> {
protected:
    static constexpr const char* kFirst =
        R"({"schemaVersion": "2.2", "description": "first", "mainSteps": [{"action": "aws:runShellScript",
            "name": "look", "inputs": {"runCommand": ["true"]}}]})";
    static constexpr const char* kSecond =
        R"({"schemaVersion": "2.2", "description": "second", "mainSteps": [{"action": "aws:runShellScript",
            "name": "look", "inputs": {"runCommand": ["false"]}}]})";
    std::string name() const { return this->backend_.fresh + "-run-look"; }
    // Which version it is, or the code of a refusal.
    std::string version(std::optional<std::string> wanted = {}) {
        const auto answer = this->api().call(
            aws::ssm::GetDocumentRequest{.name = name(), .document_version = std::move(wanted)});
        return answer ? *answer->document_version : answer.error().provider_code;
    }
};

TYPED_TEST_SUITE_P(DocumentsApi);

TYPED_TEST_P(DocumentsApi, HaveVersions) {
    namespace ssm = aws::ssm;
    EXPECT_EQ(this->version(), "InvalidDocument");
    const ssm::CreateDocumentRequest create{
        .content = this->kFirst, .name = this->name(), .document_type = "Command", .document_format = "JSON"};
    const auto made = this->done(create);
    EXPECT_EQ(made.document_description->document_version, "1");
    EXPECT_EQ(this->code(create), "DocumentAlreadyExists");
    ssm::UpdateDocumentRequest update{
        .content = this->kFirst, .name = this->name(), .document_version = "$LATEST"};
    EXPECT_EQ(this->code(update), "DuplicateDocumentContent");
    update.content = this->kSecond;
    EXPECT_EQ(this->done(update).document_description->document_version, "2");
    EXPECT_EQ(this->version(), "1") << "the default stays";
    EXPECT_EQ(this->version("$LATEST"), "2");
    EXPECT_EQ(this->version("3"), this->unless_moto("InvalidDocumentVersion", "InvalidDocument"));
    this->done(ssm::UpdateDocumentDefaultVersionRequest{.name = this->name(), .document_version = "2"});
    EXPECT_EQ(this->version(), "2");
    const auto shown = this->done(ssm::DescribeDocumentRequest{.name = this->name()});
    EXPECT_EQ(shown.document->default_version, "2");
    EXPECT_EQ(shown.document->latest_version, "2");
    EXPECT_EQ(shown.document->document_type, "Command");
    this->done(ssm::DeleteDocumentRequest{.name = this->name()});
    EXPECT_EQ(this->version(), "InvalidDocument");
}

TYPED_TEST_P(DocumentsApi, MustBeDocuments) {
    namespace ssm = aws::ssm;
    ssm::CreateDocumentRequest create{.content = "{", .name = this->name(), .document_type = "Command"};
    create.document_format = "JSON";
    EXPECT_EQ(this->code(create), "InvalidDocumentContent");
    EXPECT_EQ(
        this->code(ssm::GetCommandInvocationRequest{.command_id = "00000000-0000-4000-8000-000000000000",
                                                    .instance_id = "i-00000000000000000"}),
        this->unless_moto("InvocationDoesNotExist", "InvalidCommandId"));
    EXPECT_EQ(this->code(ssm::GetParameterRequest{.name = "/" + this->backend_.fresh}), "ParameterNotFound");
}

TYPED_TEST_P(DocumentsApi, CarryTags) {
    namespace ssm = aws::ssm;
    ssm::CreateDocumentRequest create{
        .content = this->kFirst, .name = this->name(), .document_type = "Command"};
    create.document_format = "JSON";
    create.tags = {{.key = "Project", .value = "shop"}};
    this->done(create);
    ssm::AddTagsToResourceRequest tag{.resource_type = "Document", .resource_id = this->name()};
    tag.tags = {{.key = "Name", .value = "look"}};
    this->done(tag);
    const auto shown = this->done(ssm::DescribeDocumentRequest{.name = this->name()});
    EXPECT_EQ(shown.document->tags.size(), 2U);
    tag.resource_id = this->name() + "-other";
    EXPECT_EQ(this->code(tag), "InvalidResourceId");
}

REGISTER_TYPED_TEST_SUITE_P(DocumentsApi, HaveVersions, MustBeDocuments, CarryTags);

}  // namespace k3fleet::contract
