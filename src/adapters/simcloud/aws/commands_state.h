// Systems Manager's part of a simulated account: documents, and commands sent to machines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct RunDocument {
    std::string name;
    std::string type;                   // Command, Session
    std::vector<std::string> versions;  // Contents, JSON; the first is version 1.
    std::int64_t default_version = 1;
    std::string target_type;  // "/AWS::EC2::Instance"; empty: none was said.
    Timestamp created_at;
    std::map<std::string, std::string> tags;
    Timestamp tagged_at;
};

// What machines answer to a document. Scripts are not run: whoever sets a world up says what they come to.
struct RunOutcome {
    std::int64_t exit_code = 0;
    std::string output;
    std::string error;
};

struct RunCommand {
    std::string id;
    std::string instance;
    std::string document;
    std::int64_t version = 1;
    std::string comment;
    std::map<std::string, std::vector<std::string>> parameters;
    Timestamp sent_at;
    Timestamp shown_at;     // GetCommandInvocation does not know it before.
    Timestamp starts_at;    // Delivered, if the agent is there then …
    Timestamp given_up_at;  // … else not, and this is when SSM says so.
    Timestamp ends_at;
    RunOutcome outcome;
};

struct CommandsState {
    std::uint64_t sent = 0;
    std::map<std::string, RunDocument> documents;  // By name.
    std::map<std::string, RunOutcome> outcomes;    // By the document's name.
    std::vector<RunCommand> commands;              // The newest last; the oldest are forgotten.
};

template <typename Archive>
void fields(Archive& archive, RunDocument& document) {
    archive(document.name, document.type, document.versions, document.default_version, document.target_type,
            document.created_at, document.tags, document.tagged_at);
}
template <typename Archive>
void fields(Archive& archive, RunOutcome& outcome) {
    archive(outcome.exit_code, outcome.output, outcome.error);
}
template <typename Archive>
void fields(Archive& archive, RunCommand& command) {
    archive(command.id, command.instance, command.document, command.version, command.comment,
            command.parameters, command.sent_at, command.shown_at, command.starts_at, command.given_up_at,
            command.ends_at, command.outcome);
}
template <typename Archive>
void fields(Archive& archive, CommandsState& commands) {
    archive(commands.sent, commands.documents, commands.outcomes, commands.commands);
}

}  // namespace k3fleet::simcloud
