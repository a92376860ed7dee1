// What shows from a page's start; the rest comes with the view that needs it.
import './base.css';
import './status.css';
import './tools.css';
import './notebook.css';
import './live.css';
