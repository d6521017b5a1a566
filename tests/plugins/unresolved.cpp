extern "C" int function_that_nobody_has();
extern "C" __attribute__((visibility("default"))) int ansatz_plugin_descriptor() { return function_that_nobody_has(); }
