/**
 * Builds the documentation as a static site in site/out: the pages of docs in reading order, the API of the library from its
 * types, and a search. A link that leads nowhere, or a type that the API shows but does not export, fails the build.
 *
 * TypeDoc and its TypeScript are dependencies of this folder alone. Usage: `npm ci && npm run build` in this folder, after
 * `npm ci` in the root, since the API is read from src.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Converter } from "typedoc";

const site = fileURLToPath(new URL(".", import.meta.url));
const root = dirname(resolve(site));
const out = join(site, "out");

/** Pages in the order in which docs/index.md names them; pages that it does not name follow. */
function pagesInOrder() {
  const index = readFileSync(join(root, "docs/index.md"), "utf8");
  const named = [...index.matchAll(/\]\(([\w.-]+\.md)/g)].map(([, file]) => file);
  const all = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  const pages = [...new Set(["index.md", ...named, ...all])].map((file) => join(root, "docs", file));
  return [...pages, join(root, "CONTRIBUTING.md"), join(root, "CHANGELOG.md")];
}

/** The first heading of a page. */
const titleOf = (file) => /^# (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? file;

rmSync(out, { recursive: true, force: true });
const pages = pagesInOrder();
const app = await Application.bootstrap({
  name: "eventprop",
  entryPoints: [join(root, "src/index.ts")],
  tsconfig: join(site, "tsconfig.json"),
  readme: join(root, "README.md"),
  projectDocuments: pages,
  sort: ["documents-first", "source-order"],
  excludeInternal: true,
  disableSources: true,
  disableGit: true,
  hideGenerator: true,
  includeVersion: true,
  githubPages: false,
  navigation: { includeCategories: false, includeGroups: false },
  validation: { invalidLink: true, invalidPath: true, notExported: false, notDocumented: false },
  highlightLanguages: ["js", "json", "python", "sh", "ts", "typescript", "yaml"],
  treatWarningsAsErrors: true,
});
// TypeDoc names a page after its file; readers want its heading.
const titles = new Map(pages.map((file) => [file, titleOf(file)]));
app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
  const file = pages.find((page) => page.endsWith(`/${document.name}.md`));
  if (file !== undefined) document.name = titles.get(file);
});

const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
await app.generateDocs(project, out);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);

const broken = brokenLinks(out);
for (const link of broken) process.stderr.write(`broken link: ${link}\n`);
if (broken.length > 0) process.exit(1);
process.stdout.write(
  `${relative(process.cwd(), out)}: ${htmlFiles(out).length} pages, all links lead somewhere\n`,
);

function htmlFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => path.endsWith(".html"));
}

/** Links of the finished pages to files or anchors of the site that do not exist. */
function brokenLinks(folder) {
  const texts = new Map(htmlFiles(folder).map((file) => [file, readFileSync(file, "utf8")]));
  const found = [];
  for (const [file, text] of texts) {
    for (const [, link] of text.matchAll(/<(?:a|img|link|script)\b[^>]*?\b(?:href|src)="([^"]*)"/g)) {
      if (/^([a-z]+:|\/\/)/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const target = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
      const known = texts.get(target);
      const missing =
        !existsSync(target) ||
        (anchor !== undefined &&
          anchor !== "" &&
          known !== undefined &&
          !known.includes(`id="${decodeURIComponent(anchor)}"`));
      if (missing) found.push(`${relative(folder, file)} -> ${link}`);
    }
  }
  return found;
}
