#include "certs/whole_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using visavis::testing::TemporaryDirectory;

std::string reading_problem(const std::filesystem::path& file) {
  try {
    (void)read_whole_file(file);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

TEST(WholeFile, WrittenThenRead) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "x";
  const std::string text(100'000, 'x');
  write_whole_file(file, text, 0640);
  EXPECT_EQ(read_whole_file(file), text);
  EXPECT_EQ(mode_of(file), 0640U);
  write_whole_file(file, "short", 0600);
  EXPECT_EQ(read_whole_file(file), "short");
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(WholeFile, ProblemsNameFileAndCause) {
  const TemporaryDirectory directory;
  EXPECT_EQ(reading_problem(directory.path() / "no"),
            "cannot read " + (directory.path() / "no").string() + ": No such file or directory");
  EXPECT_THAT(reading_problem(directory.path()), HasSubstr("Is a directory"));
  EXPECT_THROW(write_whole_file(directory.path() / "no" / "x", "", 0600), std::runtime_error);
}

/// Root may read everything: the question is asked in a child process that is nobody.
bool holds_for_an_ordinary_user(const std::function<bool()>& question) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(2);
    ::_exit(question() ? 0 : 1);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(WholeFile, NoPermission) {
  const TemporaryDirectory directory;
  const auto file = directory.write("x", "x");
  ::chmod(directory.path().c_str(), 0755);
  EXPECT_TRUE(::chmod(file.c_str(), 0644) == 0 &&
              holds_for_an_ordinary_user([&] { return reading_problem(file).empty(); }));
  ::chmod(file.c_str(), 0);
  EXPECT_TRUE(holds_for_an_ordinary_user(
      [&] { return reading_problem(file).find("Permission denied") != std::string::npos; }));
}

TEST(WholeFile, AFileBeyondAllProportionIsRefused) {
  const TemporaryDirectory directory;
  const auto file = directory.write("x", "");
  std::filesystem::resize_file(file, kMaxFileBytes + 1);
  EXPECT_THAT(reading_problem(file), HasSubstr("File too large"));
}

TEST(WholeFile, NothingIsLeftOfAFailedWrite) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "x");  // a rename onto it must fail
  EXPECT_THROW(write_whole_file(directory.path() / "x", "text", 0600), std::runtime_error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST(DirectoryLock, OneAtATime) {
  const TemporaryDirectory directory;
  std::atomic<int> inside = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const DirectoryLock lock(directory.path());
        EXPECT_EQ(++inside, 1);
        --inside;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THROW(DirectoryLock(directory.path() / "no"), std::runtime_error);
}

}  // namespace
}  // namespace visavis::certs
