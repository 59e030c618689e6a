// The `nicohort` of the portable tarball: starts the program in ../lib/nicohort with the dynamic
// loader and the libraries beside it, and nothing of the machine's own.
//
// It is a static program and no script, since a script would need a shell, and tools that follow
// symbolic links, on every machine.
#include <sys/auxv.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  // The path by which the kernel was asked for this file; /proc need not be there.
  char self[PATH_MAX];
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  const char* called = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (called == nullptr || ::realpath(called, self) == nullptr) {
    std::perror("nicohort: cannot find its own folder");
    return 3;
  }
  std::string folder = self;
  for (int i = 0; i < 2; ++i) folder.erase(folder.rfind('/'));
  folder += "/lib/nicohort";
  if (folder.find_first_of(":;$") != std::string::npos) {
    std::fprintf(stderr,
                 "nicohort: %s: the dynamic loader cannot use a folder whose name has `:`, `;` or "
                 "`$`; move nicohort to another folder\n",
                 folder.c_str());
    return 3;
  }
  const std::string loader = folder + "/ld-linux-x86-64.so.2", program = folder + "/program";

  // Meant for programs of the machine, whose libraries and settings are of other versions.
  ::unsetenv("LD_PRELOAD");
  ::unsetenv("LD_AUDIT");
  ::setenv("OPENSSL_CONF", "/dev/null", 1);

  std::vector<const char*> words{loader.c_str(),    "--argv0",        argv[0],
                                 "--inhibit-cache", "--library-path", folder.c_str(),
                                 program.c_str()};
  words.insert(words.end(), argv + 1, argv + argc);
  words.push_back(nullptr);
  ::execv(loader.c_str(), const_cast<char**>(words.data()));
  std::perror(("nicohort: cannot start " + loader +
               ", which must be beside it as in the tarball; make a symbolic link to this program "
               "instead of a copy")
                  .c_str());
  return 3;
}
