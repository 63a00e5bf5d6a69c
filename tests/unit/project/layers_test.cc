// The layer rule of sim/README.md and what a deterministic node may not use, checked against every source
// file.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

using Layers = std::map<std::string, std::set<std::string>>;

/// Folder -> the folders that it may include, besides itself.
Layers allowed_includes() {
  Layers allowed;
  allowed["sim/base"] = {};
  allowed["sim/time"] = {"sim/base"};
  allowed["sim/wire"] = {"sim/base"};
  allowed["sim/observe"] = {"sim/base"};
  allowed["sim/network"] = {"sim/base", "sim/time", "sim/wire"};
  allowed["sim/storage"] = {"sim/base", "sim/time", "sim/wire"};
  auto on = [&](const std::string& folder, std::vector<std::string> below) {
    for (const std::string& layer : below) {
      allowed[folder].insert(layer);
      allowed[folder].insert(allowed[layer].begin(), allowed[layer].end());
    }
  };
  on("sim/clients", {"sim/network", "sim/storage"});
  on("sim/controller", {"sim/clients"});
  on("sim/brokers", {"sim/controller"});
  on("sim/tools", {"sim/clients"});
  on("sim/runtime", {"sim/brokers", "sim/tools", "sim/observe"});
  on("sim/shell", {"sim/runtime"});
  on("sim/search", {"sim/shell"});
  on("lessons", {"sim/shell"});
  on("gui", {"lessons", "sim/search"});
  return allowed;
}

std::string layer_of(const std::string& path) {
  if (path.starts_with("lessons/")) return "lessons";
  if (path.starts_with("gui/")) return "gui";
  if (!path.starts_with("sim/")) return "";
  const size_t end = path.find('/', 4);
  return end == std::string::npos ? "sim" : path.substr(0, end);
}

struct SourceFile {
  std::string path;  ///< from the root of the project
  std::vector<std::string> lines;
};

std::vector<SourceFile> sources() {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (const char* top : {"sim", "gui", "lessons"}) {
    const fs::path root = fs::path(BROKERLAB_SOURCE_DIR) / top;
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      SourceFile file{fs::relative(entry.path(), BROKERLAB_SOURCE_DIR).generic_string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace

TEST_CASE("no file includes a layer above its own") {
  const Layers allowed = allowed_includes();
  const std::regex include("^#include \"((?:sim|lessons|gui)/[^\"]+)\"");
  const std::vector<SourceFile> files = sources();
  REQUIRE(files.size() > 10);
  int includes = 0;
  for (const SourceFile& file : files) {
    const std::string from = layer_of(file.path);
    REQUIRE_MESSAGE(allowed.contains(from), file.path << " is in a folder without a layer");
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      ++includes;
      const std::string to = layer_of(match[1]);
      // base names the disk, which nodes are handed, without including it; nothing else is excepted.
      CHECK_MESSAGE((to == from || allowed.at(from).contains(to)),
                    file.path << " includes " << match[1].str());
    }
  }
  CHECK(includes > 20);
}

TEST_CASE("nothing below the drivers uses threads, clocks, hidden order or library randomness") {
  const std::regex forbidden(
      "std::(thread|mutex|condition_variable|unordered_(map|set|multimap|multiset)|shuffle|random_device|"
      "mt19937|"
      "hash<|chrono|this_thread|async|future)|#include "
      "<(thread|random|chrono|future|unordered_map|unordered_set)>");
  const std::set<std::string> deterministic = {"sim/base",  "sim/wire",       "sim/network", "sim/clients",
                                               "sim/tools", "sim/controller", "sim/brokers", "sim/storage"};
  const std::set<std::string> drivers_own = {"sim/storage/real_disk.h", "sim/storage/real_disk.cc"};
  for (const SourceFile& file : sources()) {
    if (!deterministic.contains(layer_of(file.path)) || drivers_own.contains(file.path)) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = file.lines[i].substr(0, file.lines[i].find("//"));
      CHECK_MESSAGE(!std::regex_search(code, forbidden), file.path << ":" << i + 1 << ": " << file.lines[i]);
    }
  }
}
