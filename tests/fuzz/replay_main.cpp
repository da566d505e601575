#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

/// Runs a fuzz target over every file of a directory: what a fuzzer once found stays found. Fails
/// when there is nothing to run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
  if (count != 2 || !std::filesystem::is_directory(arguments[1])) {
    std::cerr << "usage: replay DIRECTORY\n";
    return 2;
  }
  std::size_t run = 0;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> text(std::istreambuf_iterator<char>(file), {});
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    std::cout << entry.path().filename().string() << std::endl;  // the last line names a crash
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++run;
  }
  std::cout << run << " inputs\n";
  return run > 0 ? 0 : 1;
}
