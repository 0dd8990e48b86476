// From a Project or Cluster file to a validated intent,
// or to the list of everything that is wrong with the file.
//
// A file is YAML or JSON:
//   apiVersion: k3fleet.dev/v1
//   kind: Cluster            # or Project
//   metadata: {name: shop}
//   spec: {...}              # fields.cc is the one table of all fields; `k3fleet schema` prints it
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "core/cost/catalogue.h"
#include "core/intent/problem.h"
#include "core/model/intent.h"

namespace k3fleet::intent {

enum class Kind { Project, Cluster };
std::string_view to_string(Kind kind);  // Project, Cluster

// What surrounds the file while it is read.
struct Context {
    // Instance types that may be named.
    const cost::Catalogue* catalogue = &cost::Catalogue::builtin();
    // The project the cluster is to belong to: its regions bind (G-14) and its network and name are the
    // cluster's defaults. Null: not known, nothing is checked against it.
    const model::ProjectIntent* project = nullptr;
};

template <typename Intent>
struct Reading {
    Intent intent;
    std::vector<Problem> warnings;  // Allowed, but probably not what is wanted. In the order of the file.
};

// All problems of the file at once, never only the first. The intent has its digest set.
std::expected<Reading<model::ClusterIntent>, ReadError> read_cluster(std::string_view text,
                                                                     const Context& context = {});
std::expected<Reading<model::ProjectIntent>, ReadError> read_project(std::string_view text,
                                                                     const Context& context = {});

// Which kind of file this is, without reading the rest: for commands that take both.
std::expected<Kind, ReadError> read_kind(std::string_view text);

// The file that says everything explicitly: reading it gives the same intent again.
Value to_document(const model::ClusterIntent& intent);
Value to_document(const model::ProjectIntent& intent);

// sha256 (hex) of the content: comments, format, order of keys and of pools, and whether a default was
// written out do not change it. `deleting` and `digest` do not count.
std::string digest(const model::ClusterIntent& intent);
std::string digest(const model::ProjectIntent& intent);

// JSON schema, draft 2020-12, of one kind of file; deterministic to the byte.
Value schema(Kind kind);

// Every field a file of this kind may hold, as paths such as "spec.pools[].max", in the order of the table.
std::vector<std::string> field_paths(Kind kind);

}  // namespace k3fleet::intent
