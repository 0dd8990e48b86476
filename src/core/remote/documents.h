// What may be run on machines from afar, and nothing else (G-1, G-4): our own SSM documents. Their parameters
// are typed, each with a pattern that leaves nothing to interpret; what they print is public.
//
// Whoever may send {project}-sign-* gets access to clusters, so it is for people alone: the functions may
// send {project}-run-* only (model/aws-operations.toml).
#pragma once

#include <vector>

#include "core/model/resource_names.h"
#include "core/resources/graph.h"

namespace k3fleet::remote {

// Command on a master: runId (16 to 32 hexadecimal digits; the same again does nothing twice), cluster, hours
// (1 to kMaxHours), csr (a certificate request, PEM, in base64). Prints {"certificate", "ca"}, each base64 of
// PEM.
resources::SsmDocument sign_document(const model::Scope& scope);
// Session: a shell as ec2-user on one machine, which ends when it is idle.
resources::SsmDocument shell_document(const model::Scope& scope);
// Session: localPortNumber here becomes port 6443 of that master itself, and no other.
resources::SsmDocument tunnel_document(const model::Scope& scope);

// All of a project. Clusters share them: what a document does depends on the machine it is sent to.
std::vector<resources::SsmDocument> documents(const model::Scope& scope);

inline constexpr int kMaxHours = 8;
inline constexpr int kApiPort = 6443;

extern const std::string_view sign_sh;

}  // namespace k3fleet::remote
