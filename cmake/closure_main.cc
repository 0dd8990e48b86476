// The main of every NAME_closure program (cmake/layers.cmake): what matters is that it links, not what it
// does.
int main() { return 0; }
