from daigou.embedded.run import main

raise SystemExit(main())
