// Reads feeds with rss-parser, and prints what it found as JSON.
const Parser = require("rss-parser");

const parser = new Parser({
  customFields: { item: ["id", "summary", ["dc:creator", "creators", { keepArray: true }]] },
});

Promise.all(process.argv.slice(2).map((url) => parser.parseURL(url))).then(
  (feeds) => console.log(JSON.stringify(feeds)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
