# Prints the gems of one file on standard input as JSON, without running it.
require "json"

def literals(node, found = [])
  return found unless node.is_a?(Array)
  if node[0] == :string_literal
    text = node[1][1]
    found << (text ? text[1] : "") if text.nil? || text[0] == :@tstring_content
  elsif [:bare_assoc_hash, :hash].include?(node[0])
    # Options such as `require: false` are no versions.
  else
    node.each { |child| literals(child, found) }
  end
  found
end

def labels(node, found = [])
  return found unless node.is_a?(Array)
  found << node[1].delete(":") if node[0] == :@label
  found << node[1][1][1] if node[0] == :symbol_literal && node.dig(1, 1, 1).is_a?(String)
  node.each { |child| labels(child, found) }
  found
end

def calls(node, names, found = [])
  return found unless node.is_a?(Array)
  name, arguments =
    case node[0]
    when :command then [node[1], node[2]]
    when :command_call then [node[3], node[4]]
    when :method_add_arg then [node[1][0] == :call ? node[1][3] : node[1][1], node[2]]
    end
  if name.is_a?(Array) && names.include?(name[1])
    elsewhere = %w[path git github gitlab bitbucket] & labels(arguments)
    words = literals(arguments)
    ranges = words.drop(1).take_while { |word| word =~ /\A\s*[<>=~!]*\s*\d/ }
    found << [words[0], ranges.join(", ")] if words[0] && elsewhere.empty?
  end
  node.each { |child| calls(child, names, found) }
  found
end

text = $stdin.read
if ARGV[0] == "lock"
  ENV["BUNDLE_GEMFILE"] = "/dev/null"
  require "bundler"
  gems = Bundler::LockfileParser.new(text).specs.reject { |spec| spec.source.instance_of?(Bundler::Source::Path) }
  puts gems.map { |spec| [spec.name, spec.version.to_s] }.to_json
else
  require "ripper"
  tree = Ripper.sexp(text) or abort("no Ruby")
  names = ARGV[0] == "gemspec" ? %w[add_dependency add_runtime_dependency add_development_dependency] : %w[gem]
  puts calls(tree, names).to_json
end
