"""In which order structs are defined."""


def order(structs, containers):
    """Each struct after those it names, as far as they do not name each other."""
    by_shape = {struct.shape: struct.name for struct in structs if struct.role != "request"}
    named = {}
    for struct in structs:
        shapes = [shape for member in struct.members for shape in inside(member.item, containers)]
        named[struct.name] = [by_shape[shape] for shape in shapes]
    by_name = {struct.name: struct for struct in structs}
    return [by_name[name] for group in components(list(by_name), named) for name in group]


def inside(item, containers):
    """The structure shapes that an item leads to, through lists and maps."""
    while item.kind in ("list", "map"):
        item = containers[item.shape].element
    return [item.shape] if item.kind == "structure" else []


def components(nodes, edges):
    """Strongly connected components (Tarjan), each after those it leads to; without recursion."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    allowed = set(nodes)

    def push(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        return node, iter(edges[node])

    for root in nodes:
        if root in index:
            continue
        work = [push(root)]
        while work:
            node, rest = work[-1]
            for following in rest:
                if following not in allowed:
                    continue
                if following not in index:
                    work.append(push(following))
                    break
                if following in on_stack:
                    low[node] = min(low[node], index[following])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = []
                    while not group or group[-1] != node:
                        group.append(stack.pop())
                        on_stack.discard(group[-1])
                    found.append(sorted(group, key=nodes.index))
    return found
