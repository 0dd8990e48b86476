// Who may speak to whom. Rules between groups are resources of their own, so that groups may name each other;
// what they open is the port table and nothing else (G-5, G-6, N-8 ... N-10).
#include "base/text.h"
#include "core/resources/builder.h"
#include "core/resources/port_table.h"

namespace k3fleet::resources {

namespace names = model::names;

namespace {

std::string group_of(std::string_view who) {
    if (who == "master") return "MasterGroup";
    if (who == "worker") return "WorkerGroup";
    if (who == "nat") return "NatGroup";
    if (who == "endpoint") return "EndpointGroup";
    return "FunctionGroup";
}

std::string titled(std::string_view word) {
    std::string text(word);
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

Value to_anywhere(std::string_view protocol, int first, int last, std::string_view why) {
    Value rule = object({{"IpProtocol", protocol}, {"CidrIp", "0.0.0.0/0"}, {"Description", why}});
    if (protocol != "-1") {
        rule.set("FromPort", first);
        rule.set("ToPort", last);
    }
    return rule;
}

void add_group(Builder& b, std::string_view id, const std::string& name, std::string_view what,
               Value egress) {
    b.add(id, "AWS::EC2::SecurityGroup", name,
          object({{"GroupName", name},
                  {"GroupDescription", what},
                  {"VpcId", ref_to("Vpc")},
                  {"SecurityGroupEgress", std::move(egress)}}));
}

struct Opening {
    std::string_view into;
    std::string_view from;
    std::string_view protocol;
    int first = 0;
    int last = 0;
    std::string_view why;
};

void open(Builder& b, const Opening& o) {
    const std::string ports = o.protocol == "-1" ? "All" : format("{}{}", titled(o.protocol), o.first);
    Value rule = object({{"GroupId", att_of(group_of(o.into), "GroupId")},
                         {"SourceSecurityGroupId", att_of(group_of(o.from), "GroupId")},
                         {"IpProtocol", o.protocol},
                         {"Description", o.why}});
    if (o.protocol != "-1") {
        rule.set("FromPort", o.first);
        rule.set("ToPort", o.last);
    }
    b.add(format("{}From{}{}", titled(o.into), titled(o.from), ports), "AWS::EC2::SecurityGroupIngress",
          std::move(rule));
}

// The function reaches the masters' ports that the table opens to it, and nothing else inside (N-10).
void open_egress_of_function(Builder& b, const PortRow& row) {
    for (const std::string& into : row.into)
        b.add(format("FunctionTo{}{}{}", titled(into), titled(row.protocol), row.first),
              "AWS::EC2::SecurityGroupEgress",
              object({{"GroupId", att_of("FunctionGroup", "GroupId")},
                      {"DestinationSecurityGroupId", att_of(group_of(into), "GroupId")},
                      {"IpProtocol", row.protocol},
                      {"FromPort", row.first},
                      {"ToPort", row.last},
                      {"Description", row.name}}));
}

void open_table(Builder& b) {
    for (const PortRow& row : port_table()) {
        if (!row.off.empty()) continue;
        for (const std::string& into : row.into)
            for (const std::string& from : row.from)
                open(b, {into, from, row.protocol, row.first, row.last, row.name});
        for (const std::string& from : row.from)
            if (from == "function") open_egress_of_function(b, row);
    }
}

}  // namespace

void add_security_groups(Builder& b, const ClusterInput& input) {
    const model::Scope& s = b.scope();
    const Value anywhere = list({to_anywhere("-1", 0, 0, "Images, AWS, what pods need")});
    add_group(b, "MasterGroup", names::master_group(s), "Masters", anywhere);
    add_group(b, "WorkerGroup", names::worker_group(s), "Workers", anywhere);
    add_group(b, "FunctionGroup", names::function_group(s), "The autoscaler function",
              list({to_anywhere("tcp", 443, 443, "AWS")}));
    open_table(b);
    if (input.intent.access.ssh_cidr) {  // N-11: only if chosen, never from everywhere (the file's rules).
        b.add("MasterFromChosenTcp22", "AWS::EC2::SecurityGroupIngress",
              object({{"GroupId", att_of("MasterGroup", "GroupId")},
                      {"CidrIp", *input.intent.access.ssh_cidr},
                      {"IpProtocol", "tcp"},
                      {"FromPort", 22},
                      {"ToPort", 22},
                      {"Description", "SSH, as access.sshCidr chose"}}));
    }
    if (input.intent.network.egress == model::Egress::NatInstance) {
        add_group(b, "NatGroup", names::nat_group(s), "The NAT instance", anywhere);
        open(b, {"nat", "master", "-1", 0, 0, "To the Internet"});
        open(b, {"nat", "worker", "-1", 0, 0, "To the Internet"});
        open(b, {"nat", "function", "tcp", 443, 443, "To AWS"});
    }
    if (input.intent.network.egress == model::Egress::Endpoints) {
        add_group(b, "EndpointGroup", names::endpoint_group(s), "Endpoints of services of AWS",
                  Value::array());
        for (const std::string_view from : {"master", "worker", "function"})
            open(b, {"endpoint", from, "tcp", 443, 443, "To AWS"});
    }
}

}  // namespace k3fleet::resources
