#include "aws/schema.h"

#include <gtest/gtest.h>

#include "base/secret.h"

namespace k3fleet::aws {
namespace {

struct Tree {
    std::optional<std::string> name;
    List<Tree> children;
    Map<Tree> named;
    Boxed<Tree> self;
    std::optional<Secret> password;
};

TEST(SchemaTest, AContainerIsPresentWithElementsOrWhenMarked) {
    Tree tree;
    EXPECT_FALSE(tree.children.present());
    tree.children.mark_present();
    EXPECT_TRUE(tree.children.present());
    EXPECT_TRUE(tree.children.empty());
    Tree other{.children = {Tree{.name = "leaf"}}};
    EXPECT_TRUE(other.children.present());
    EXPECT_TRUE(List<Tree>(std::vector<Tree>{}).present());
}

TEST(SchemaTest, AccessReachesEveryKindOfMemberWithoutItsType) {
    Tree tree;
    const Access& name = reach::kAccess<std::optional<std::string>>;
    EXPECT_FALSE(name.present(&tree.name));
    *static_cast<std::string*>(name.emplace(&tree.name)) = "root";
    EXPECT_EQ(tree.name, "root");

    const Access& children = reach::kAccess<List<Tree>>;
    void* list = children.emplace(&tree.children);
    EXPECT_TRUE(children.present(&tree.children));
    static_cast<Tree*>(reach::kListAccess<Tree>.append(list))->name = "child";
    EXPECT_EQ(reach::kListAccess<Tree>.size(&tree.children), 1U);
    EXPECT_EQ(tree.children[0].name, "child");

    void* map = reach::kAccess<Map<Tree>>.emplace(&tree.named);
    static_cast<Tree*>(reach::kMapAccess<Tree>.insert(map, "b"))->name = "second";
    static_cast<Tree*>(reach::kMapAccess<Tree>.insert(map, "a"))->name = "first";
    std::string seen;
    reach::kMapAccess<Tree>.each(&tree.named, &seen, [](void* to, const std::string& key, const void* value) {
        *static_cast<std::string*>(to) += key + "=" + *static_cast<const Tree*>(value)->name + ";";
    });
    EXPECT_EQ(seen, "a=first;b=second;");
}

TEST(SchemaTest, AListGrowsCopiesAndMovesLikeAVector) {
    List<std::string> list;
    for (int i = 0; i < 9; ++i) list.push_back(std::string(40, static_cast<char>('a' + i)));
    list.push_back(list.front());  // An element of its own, while it grows.
    EXPECT_EQ(list.size(), 10U);
    EXPECT_EQ(list.back(), std::string(40, 'a'));
    List<std::string> copy = list;
    list.erase(list.begin());
    EXPECT_EQ(list.front(), std::string(40, 'b'));
    EXPECT_EQ(copy.front(), std::string(40, 'a'));
    EXPECT_FALSE(copy == list);
    List<std::string> moved = std::move(copy);
    EXPECT_EQ(moved.size(), 10U);
    copy = moved;
    EXPECT_EQ(copy, moved);
    copy.clear();
    EXPECT_FALSE(copy.present());
}

TEST(SchemaTest, AListOfBooleansHasElementsToPointTo) {
    List<Flag> flags{true, false};
    EXPECT_TRUE(*static_cast<const bool*>(reach::kListAccess<Flag>.at(&flags, 0)));
    *static_cast<bool*>(reach::kListAccess<Flag>.append(&flags)) = true;
    EXPECT_TRUE(flags[2]);
}

TEST(SchemaTest, AStructureIsMadeAndDestroyedWithoutItsType) {
    Type type{
        .kind = Kind::Structure, .name = "Tree", .make = reach::make<Tree>, .destroy = reach::destroy<Tree>};
    void* tree = type.make();
    EXPECT_FALSE(static_cast<Tree*>(tree)->name.has_value());
    type.destroy(tree);
}

TEST(SchemaTest, ABoxedStructureMayHoldItselfAndIsCopiedDeep) {
    Tree tree{.name = "outer"};
    tree.self.emplace().name = "inner";
    Tree copy = tree;
    copy.self->name = "changed";
    EXPECT_EQ(tree.self->name, "inner");
    EXPECT_EQ(*static_cast<const Tree*>(reach::kAccess<Boxed<Tree>>.get(&copy.self))->name, "changed");
}

}  // namespace
}  // namespace k3fleet::aws
