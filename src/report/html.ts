import nunjucks from 'nunjucks';
import { STYLE } from './html-style.ts';
import { TEMPLATE } from './html-template.ts';
import { COUNTERS, type Page, PageBuilder } from './page.ts';
import type { Report, Write } from './report.ts';

/** The whole run as one page without scripts, fonts or links to elsewhere; written once, when the report is closed. */
export const htmlReport = (write: Write): Report => {
  const builder = new PageBuilder();
  return {
    handle: event => builder.handle(event),
    close: () => {
      const page = builder.page();
      if (page !== undefined) write(renderPage(page));
      return Promise.resolve();
    },
  };
};

/** Everything on the page comes from hosts and files: all of it is escaped but the style sheet, which is ours. */
export const renderPage = (page: Page): string => {
  const environment = new nunjucks.Environment(null, { autoescape: true, throwOnUndefined: false, trimBlocks: true, lstripBlocks: true });
  return environment.renderString(TEMPLATE, { ...page, style: STYLE, counters: COUNTERS });
};
