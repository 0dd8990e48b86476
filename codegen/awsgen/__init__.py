"""Turns AWS's service models into typed C++. See codegen/README.md."""
