# frozen_string_literal: true

# What Jekyll makes of the blogs in the folders named on the command line, as one JSON list.
# Layouts, pages and the blog's own plugins are left out: they are no part of its posts.

require "json"
require "jekyll"

Jekyll.logger.log_level = :error

def build(folder)
  # Both outlive a site: the zone of the blog before, and dates that were read in it.
  ENV["TZ"] = "UTC"
  Jekyll::Utils.instance_variable_set(:@parse_date_cache, nil)
  config = Jekyll.configuration(
    "source" => folder, "destination" => File.join(folder, "_site"),
    "safe" => true, "incremental" => false, "quiet" => true
  )
  config["plugins"] = config["whitelist"] = []
  config["theme"] = nil
  # Processors that are not installed here: addresses and titles need none.
  config["markdown"] = "kramdown"
  site = Jekyll::Site.new(config)
  site.reset
  site.read
  site.layouts.clear
  payload = site.site_payload
  { "posts" => site.posts.docs.map { |post| describe(site, payload, post) } }
rescue StandardError, SyntaxError => e
  { "posts" => [], "error" => e.message }
end

def describe(site, payload, post)
  said = {
    "path" => post.relative_path, "url" => post.url,
    "id" => Liquid::Template.parse("{{ id | absolute_url }}").render!(
      { "id" => post.id }, :registers => { :site => site }
    ),
    "title" => post.data["title"].to_s, "date" => post.date.iso8601,
    "categories" => Array(post.data["categories"]).map(&:to_s),
    "tags" => Array(post.data["tags"]).map(&:to_s), "author" => post.data["author"],
  }
  begin
    Jekyll::Renderer.new(site, post, payload).run
    said["html"] = post.content
  rescue StandardError, SyntaxError => e
    said["error"] = e.message
  end
  said
end

puts JSON.generate(ARGV.map { |folder| build(folder) })
