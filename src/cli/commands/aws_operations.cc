// aws operations: everything on AWS that this program may call.
#include <memory>

#include "app/aws_call.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string service;
};

Result<ExitCode> run(const Session& session, const Options& options) {
    const auto operations = K3F_TRY(app::operations_of(app::aws_operations(), options.service));
    Value list = Value::array();
    Table table({{"SERVICE"}, {"OPERATION"}, {"CHANGES"}, {"PROTOCOL"}, {"SECOND TRY"}});
    for (const auto& each : operations) {
        list.push(Value::object({{"service", each.service},
                                 {"operation", each.name},
                                 {"changes", !each.reads},
                                 {"protocol", each.protocol},
                                 {"second_try", each.repeat}}));
        table.row({each.service, each.name, each.reads ? "-" : "yes", each.protocol, each.repeat});
    }
    const Value data = Value::object({{"operations", std::move(list)}});
    session.result(data, [&](Colours colours) {
        return table.render(colours) +
               format("\n{}\n", counted(static_cast<long long>(operations.size()), "operation"));
    });
    return ExitCode::Done;
}

}  // namespace

Command aws_operations() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "aws operations",
        .purpose = Purpose::Program,
        .summary = "List what k3fleet may call on AWS",
        .about =
            "The whole of it: what is not in this list cannot be called, and no policy that k3fleet writes "
            "allows it. SECOND TRY says why sending a call twice does no harm: safe (the same again is the "
            "same), token (AWS recognises it), unique-name (the second create fails), precondition (no "
            "longer "
            "true), never (sent again only if it surely did not arrive).",
        .examples = {{"aws operations", "of all services"}, {"aws operations ec2 -o json", "of one"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("SERVICE", options->service, "One service only");
    return command;
}

}  // namespace k3fleet::cli
